import { scaleLinear, scaleTime } from "d3-scale";
import { area, curveStepAfter, stack } from "d3-shape";
import { memo, useId, useMemo, useState } from "react";
import type { KeyboardEvent, PointerEvent } from "react";

import { clockMinute, clockTime, count } from "../data/format";
import { TONE_WORDS } from "../data/states";
import type { Tone } from "../data/states";
import { ToneMark } from "../kit/StateMark";
import { Panel } from "../kit/Panel";
import { HOLE_MS, WINDOW_MS } from "./history";
import type { Sample } from "./history";
import styles from "./StatesChart.module.css";

/** Bottom up; who is logged out is not there. */
const STACKED: readonly Tone[] = ["ready", "busy", "work", "away"];
const SHORTEST_MS = 120_000;
/** Units of the drawing, which is scaled to its place. */
const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [320, 150, 30, 18, 6];

/** How many people did what over the last minutes; a pointer or the arrows read the values. */
export const StatesChart = memo(function StatesChart({ samples }: { samples: readonly Sample[] }) {
  const [cursor, setCursor] = useState<number>();
  const hatch = useId();
  const latest = samples.at(-1);
  const drawing = useMemo(() => draw(samples), [samples]);
  const read = samples[cursor ?? samples.length - 1] ?? latest;

  const point = ({ currentTarget, clientX }: PointerEvent<SVGSVGElement>) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    const at = drawing.x.invert(((clientX - left) / width) * WIDTH).getTime();
    setCursor(nearest(samples, at));
  };
  const key = (event: KeyboardEvent) => {
    const now = cursor ?? samples.length - 1;
    const next = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: samples.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    setCursor(Math.min(Math.max(next, 0), samples.length - 1));
  };
  return (
    <Panel title={drawing.isFull ? "Last 15 minutes" : "Last minutes"} aside={read && <span>{cursor === undefined ? "now" : clockTime(read.at, latest?.at ?? read.at)}</span>}>
      <div className={styles.chart}>
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          className={styles.drawing}
          role="img"
          aria-label={read ? `At ${clockTime(read.at, read.at)}: ${STACKED.map((tone) => `${TONE_WORDS[tone]} ${read.counts[tone]}`).join(", ")}` : "Nothing was seen yet"}
          tabIndex={0}
          onPointerMove={point}
          onPointerLeave={() => setCursor(undefined)}
          onKeyDown={key}
          onBlur={() => setCursor(undefined)}
        >
          <defs>
            <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <path d="M0 0v6" className={styles.hatch} />
            </pattern>
          </defs>
          {drawing.levels.map(({ y, label }) => (
            <g key={label}>
              <path d={`M${LEFT} ${y}H${WIDTH}`} className={styles.grid} />
              <text x={LEFT - 4} y={y + 4} textAnchor="end">{label}</text>
            </g>
          ))}
          {drawing.moments.map(({ x, label }) => <text key={label} x={x} y={HEIGHT - 4} textAnchor="middle">{label}</text>)}
          {drawing.holes.map(({ from, to }) => <rect key={from} x={from} y={TOP} width={to - from} height={HEIGHT - BOTTOM - TOP} fill={`url(#${hatch})`}><title>Nothing was known here</title></rect>)}
          {drawing.areas.map(({ tone, run, path }) => <path key={`${tone} ${run}`} d={path} data-tone={tone} className={styles.area} />)}
          {samples.length < 2 && <text x={(LEFT + WIDTH) / 2} y={HEIGHT / 2} textAnchor="middle">It fills as time goes by.</text>}
          {cursor !== undefined && read && <path d={`M${drawing.x(read.at)} ${TOP}V${HEIGHT - BOTTOM}`} className={styles.cursor} />}
        </svg>
        <dl className={styles.legend}>
          {[...STACKED].reverse().map((tone) => (
            <div key={tone}><dt><ToneMark tone={tone} /> {TONE_WORDS[tone]}</dt><dd>{read ? count(read.counts[tone]) : "–"}</dd></div>
          ))}
        </dl>
      </div>
    </Panel>
  );
});

function draw(samples: readonly Sample[]) {
  const end = samples.at(-1)?.at ?? 0;
  // A page that was just opened has seen little: it fills its place, and is narrowed as time goes by.
  const seenMs = Math.min(Math.max(end - (samples[0]?.at ?? end), SHORTEST_MS), WINDOW_MS);
  const x = scaleTime([end - seenMs, end], [LEFT, WIDTH]);
  const most = Math.max(1, ...samples.map(({ counts }) => STACKED.reduce((sum, tone) => sum + counts[tone], 0)));
  const y = scaleLinear([0, most], [HEIGHT - BOTTOM, TOP]).nice(4);
  const pile = stack<Sample, Tone>().keys(STACKED).value(({ counts }, tone) => counts[tone]);
  const fill = area<ReturnType<typeof pile>[number][number]>()
    .x(({ data }) => x(data.at)).y0(([low]) => y(low)).y1(([, high]) => y(high)).curve(curveStepAfter);
  const parts = runs(samples);
  return {
    x,
    isFull: seenMs > WINDOW_MS - 60_000,
    levels: y.ticks(4).filter(Number.isInteger).map((level) => ({ y: y(level), label: count(level) })),
    moments: end === 0 ? [] : minutes(x.ticks(4)).map((at) => ({ x: x(at), label: clockMinute(at.getTime()) })),
    holes: parts.slice(1).map((run, at) => ({ from: x(parts[at]?.at(-1)?.at ?? 0), to: x(run[0]?.at ?? 0) })),
    areas: parts.flatMap((run, at) => pile(run).map((series) => ({ tone: series.key, run: at, path: fill(series) ?? "" }))),
  };
}

/** Those that are whole minutes: labels have no seconds. */
function minutes(moments: readonly Date[]): Date[] {
  return moments.filter((at) => at.getSeconds() === 0);
}

/** Looks that follow each other without a hole. */
function runs(samples: readonly Sample[]): Sample[][] {
  const found: Sample[][] = [];
  for (const sample of samples) {
    const last = found.at(-1);
    const before = last?.at(-1);
    if (last && before && sample.at - before.at <= HOLE_MS) last.push(sample);
    else found.push([sample]);
  }
  return found;
}

function nearest(samples: readonly Sample[], at: number): number | undefined {
  if (samples.length === 0) return undefined;
  return samples.reduce((best, sample, index) => (Math.abs(sample.at - at) < Math.abs((samples[best]?.at ?? 0) - at) ? index : best), 0);
}
