import { measure } from "./hooks/measure";
import type { Arrow } from "./logic/arrows";
import { BAR_PX, captions, rowY } from "./logic/layout";
import type { Layout } from "./logic/layout";
import styles from "./ArrowLines.module.css";

const HEAD_PX = 5;

/** How the call got from lane to lane. */
export function ArrowLines({ arrows, laid, x }: { arrows: readonly Arrow[]; laid: Layout; x: (at: number) => number }) {
  return (
    <g className={styles.arrows}>
      {arrows.map((arrow) => {
        const { kind, from, to, at } = arrow;
        const [one, other] = [rowY(laid, from), rowY(laid, to)];
        const isDown = other > one;
        const [y1, y2] = isDown ? [one + BAR_PX, other] : [one, other + BAR_PX];
        return <ArrowLine key={`${kind} ${from.lane} ${to.lane} ${at}`} kind={kind} x={x(at)} y1={y1} y2={y2} />;
      })}
      {captions(arrows, laid, x, measure).map(({ text, x, y }) => <text key={`${x} ${y}`} className={styles.caption} x={x} y={y}>{text}</text>)}
    </g>
  );
}

/** Upright, with its head at `y2`. A conference has a head at both ends. */
export function ArrowLine({ kind, x, y1, y2 }: { kind: Arrow["kind"]; x: number; y1: number; y2: number }) {
  const way = y2 > y1 ? 1 : -1;
  const isJoint = kind === "conference";
  return (
    <g data-kind={kind} className={styles.arrow}>
      <path className={styles.halo} d={`M${x} ${y1}V${y2}`} />
      <path className={styles.line} d={`M${x} ${y1 + (isJoint ? HEAD_PX * way : 0)}V${y2 - HEAD_PX * way}`} />
      <path className={styles.tip} d={head(x, y2, way)} />
      {isJoint && <path className={styles.tip} d={head(x, y1, -way)} />}
    </g>
  );
}

function head(x: number, y: number, way: number): string {
  return `M${x} ${y}l${-HEAD_PX + 1} ${-HEAD_PX * way}h${2 * HEAD_PX - 2}z`;
}
