import { duration } from "../data/format";
import { measure } from "./hooks/measure";
import { isolated, labels } from "./logic/labels";
import type { Box } from "./logic/labels";
import { BAR_PX, EDGE_PX, rowY, rows } from "./logic/layout";
import type { Layout } from "./logic/layout";
import type { Placed } from "./logic/lanes";
import { isMoment, labelOf, outcomeOf } from "./logic/steps";
import type { Step } from "./logic/steps";
import styles from "./Bars.module.css";

interface BarsProps {
  bars: readonly Placed[];
  laid: Layout;
  x: (at: number) => number;
  /** What a hold is filled with. */
  hold: string;
  chosen: number | undefined;
}

/** The least that can be seen and pointed at. */
const LEAST_PX = 3;
const MARK_PX = 6;
const SECOND_MS = 1_000;

/** Steps as bars, those of a moment as marks. */
export function Bars({ bars, laid, x, hold, chosen }: BarsProps) {
  return bars.map((bar, place) => {
    const { step } = bar;
    const box = boxOf(step, laid, x);
    if (box.to < 0 || box.from > laid.width) return null;
    const y = rowY(laid, bar);
    const look = { "data-activity": step.activity, "data-chosen": place === chosen || undefined, "data-step": place, className: styles.bar };
    return box.isMark
      ? <path key={place} {...look} d={diamond(x(step.from), y + BAR_PX / 2)} />
      : <rect key={place} {...look} x={x(step.from)} y={y} width={Math.max(LEAST_PX, x(step.to) - x(step.from))} height={BAR_PX} rx="3" fill={step.activity === "hold" ? hold : undefined} />;
  });
}

/** What they are, in words: above everything else. */
export function BarWords({ bars, laid, x }: Pick<BarsProps, "bars" | "laid" | "x">) {
  return rows(bars).map((row) => {
    const boxes = row.map(({ step }) => boxOf(step, laid, x));
    return labels(boxes, laid.left - EDGE_PX, laid.width, measure).map(({ box, text, x, isInside }) => {
      const bar = row[box] as Placed;
      return <text key={`${bar.lane} ${bar.row} ${box}`} className={styles.label} data-activity={isInside ? bar.step.activity : undefined} x={x} y={rowY(laid, bar) + 15}>{text}</text>;
    });
  });
}

/** A bar as far as it is in sight, so that its words stay there. */
function boxOf(step: Step, laid: Layout, x: (at: number) => number): Box {
  const [from, to] = [x(step.from), x(step.to)];
  const texts = textsOf(step);
  const lasted = step.to - step.from;
  const short = lasted < SECOND_MS ? undefined : duration(lasted);
  if (isMoment(step) || step.to === step.from && !step.isRunning) return { from: from - MARK_PX, to: from + MARK_PX, texts, isMark: true };
  const seen = laid.left - EDGE_PX;
  return { from: Math.max(from, to > seen ? Math.min(seen, to) : from), to: Math.min(Math.max(to, from + LEAST_PX), Math.max(laid.width, from)), texts, short };
}

/** What a bar may say, the longest first. */
function textsOf(step: Step): string[] {
  const label = `${step.isPartial ? "≈ " : ""}${labelOf(step)}`;
  const whom = step.other === "" || step.other.length > 40 ? "" : ` ${isolated(step.other)}`;
  const outcome = outcomeOf(step);
  if (isMoment(step)) return [label];
  const lasted = duration(step.to - step.from);
  const [named, plain] = [`${label}${whom}`, label];
  return [...(outcome === "" ? [] : [`${named} ${lasted} · ${outcome}`, `${plain} ${lasted} · ${outcome}`]), `${named} ${lasted}`, `${plain} ${lasted}`, plain];
}

function diamond(x: number, y: number): string {
  return `M${x - MARK_PX} ${y}L${x} ${y - MARK_PX}L${x + MARK_PX} ${y}L${x} ${y + MARK_PX}Z`;
}
