import { useId } from "react";

import { clockTime, duration } from "../data/format";
import { ArrowLines } from "./ArrowLines";
import { BarWords, Bars } from "./Bars";
import { KindShape } from "./KindMark";
import { TABLE_ID } from "./StepTable";
import { measure } from "./hooks/measure";
import type { Arrow } from "./logic/arrows";
import { tickStep, ticks } from "./logic/axis";
import { isolated } from "./logic/labels";
import { AXIS_PX, EDGE_PX, FOOT_PX, laneWords } from "./logic/layout";
import type { LaneBox, Layout } from "./logic/layout";
import type { Picture } from "./logic/lanes";
import { kindWord } from "./logic/steps";
import type { Ending } from "./logic/steps";
import styles from "./TimelinePicture.module.css";

interface TimelinePictureProps {
  label: string;
  drawn: Picture;
  arrows: readonly Arrow[];
  laid: Layout;
  /** Where a moment stands. */
  x: (at: number) => number;
  begin: number;
  spanMs: number;
  /** Pixels of a millisecond. */
  scale: number;
  scroll: number;
  ending: Ending | undefined;
  /** Until when what runs is drawn. */
  now: number | undefined;
  isLive: boolean;
  chosen: number | undefined;
}

/** How many pixels a tick's words have. */
const TICK_PX = 92;
/** Where the line of a caller begins, past the words of its mark. */
const CALLER_PX = 96;

/** The picture itself: only what is within the window is drawn. */
export function TimelinePicture({ label, drawn, arrows, laid, x, begin, spanMs, scale, scroll, ending, now, isLive, chosen }: TimelinePictureProps) {
  const id = useId();
  const { width, height, left } = laid;
  const bottom = height - FOOT_PX;
  const edge = left - EDGE_PX;
  const from = scroll / scale;
  const marks = ticks(Math.max(0, from), Math.min(spanMs, from + (width - left) / scale), tickStep(1 / scale, TICK_PX));
  return (
    <svg className={styles.picture} viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={label} aria-details={TABLE_ID}>
      <defs>
        <clipPath id={`${id}plot`}><rect x={edge} y="0" width={width - edge} height={height} /></clipPath>
        <pattern id={`${id}hold`} width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="7" height="7" className={styles.holdGround} />
          <rect width="2" height="7" className={styles.holdLine} />
        </pattern>
      </defs>
      {laid.lanes.map(({ lane, y }, at) => (
        <line key={lane.key} className={styles.hair} x1="0" x2={width} y1={y} y2={y} data-first={at === 0 || undefined} />
      ))}
      <line className={styles.hair} x1="0" x2={width} y1={bottom} y2={bottom} />
      <g clipPath={`url(#${id}plot)`}>
        {marks.map((ms) => {
          const at = x(begin + ms);
          return (
            <g key={ms}>
              <line className={styles.hair} x1={at} x2={at} y1={AXIS_PX - 4} y2={bottom} />
              {at + TICK_PX / 2 < width && (
                <>
                  <text className={styles.elapsed} x={at + 4} y="14">{duration(ms)}</text>
                  <text className={styles.clock} x={at + 4} y="29">{clockTime(begin + ms, begin)}</text>
                </>
              )}
            </g>
          );
        })}
        {drawn.bars.filter(({ step }) => step.activity === "incoming").map((bar) => {
          const y = (laid.lanes[bar.lane]?.rowsY ?? 0) + 11;
          return <line key={bar.step.key} className={styles.caller} x1={x(bar.step.from) + CALLER_PX} x2={Math.max(x(bar.step.from) + CALLER_PX, x(ending?.at ?? now ?? bar.step.to))} y1={y} y2={y} />;
        })}
        <Bars bars={drawn.bars} laid={laid} x={x} hold={`url(#${id}hold)`} chosen={chosen} />
        <ArrowLines arrows={arrows} laid={laid} x={x} />
        <BarWords bars={drawn.bars} laid={laid} x={x} />
        <Moment ending={ending} now={now} isLive={isLive} x={x} laid={laid} />
      </g>
      {laid.lanes.map((box) => <LaneHead key={box.lane.key} box={box} laid={laid} />)}
      {!laid.isNarrow && <line className={styles.hair} x1={edge} x2={edge} y1="0" y2={height} />}
    </svg>
  );
}

function LaneHead({ box, laid }: { box: LaneBox; laid: Layout }) {
  const { lane, y, height } = box;
  const [name, about] = laneWords(lane, kindWord(lane.kind), laid.isNarrow, laid.width, measure);
  if (laid.isNarrow) {
    return (
      <g className={styles.laneHead}>
        <svg x="8" y={y + 6} width="12" height="12" viewBox="0 0 12 12"><KindShape kind={lane.kind} /></svg>
        <text className={styles.name} x="26" y={y + 16}>{isolated(name)}</text>
        <text className={styles.about} x={laid.width - 8} y={y + 16} textAnchor="end">{isolated(about)}</text>
      </g>
    );
  }
  const middle = y + height / 2;
  return (
    <g className={styles.laneHead}>
      <svg x="12" y={middle - 6} width="12" height="12" viewBox="0 0 12 12"><KindShape kind={lane.kind} /></svg>
      <text className={styles.name} x="32" y={middle - 3}>{isolated(name)}</text>
      <text className={styles.about} x="32" y={middle + 13}>{isolated(about)}</text>
    </g>
  );
}

/** Now, or the end with its cause. */
function Moment({ ending, now, isLive, x, laid }: Pick<TimelinePictureProps, "ending" | "now" | "isLive" | "x" | "laid">) {
  const bottom = laid.height - FOOT_PX;
  return (
    <>
      {ending && <Flag className={styles.end} at={x(ending.at)} text={`${ending.cause}, ${clockTime(ending.at, ending.at)}`} laid={laid} bottom={bottom} isEnd />}
      {now !== undefined && <Flag className={styles.now} at={x(now)} text={ending ? "" : isLive ? "now" : `as of ${clockTime(now, now)}`} laid={laid} bottom={bottom} />}
    </>
  );
}

function Flag({ at, text, laid, bottom, className, isEnd = false }: { at: number; text: string; laid: Layout; bottom: number; className: string | undefined; isEnd?: boolean }) {
  const wide = measure(text);
  const right = at + 10 + wide <= laid.width;
  return (
    <g className={className}>
      <line x1={at} x2={at} y1={AXIS_PX} y2={bottom + (isEnd ? 4 : 0)} />
      {isEnd && <rect x={at - 4} y={bottom + 8} width="8" height="8" />}
      <text x={right ? at + 8 : at - 8 - wide} y={bottom + 16}>{text}</text>
    </g>
  );
}
