// Where everything in the picture stands, in pixels.

import type { Arrow, End } from "./arrows";
import { shortened } from "./labels";
import type { Lane, Picture, Placed } from "./lanes";

export const AXIS_PX = 36;
export const BAR_PX = 22;
const ROW_PX = 26;
const PAD_PX = 7;
/** The strip at the bottom, which says what the call ended with, or `now`. */
export const FOOT_PX = 24;
const CAPTION_PX = 14;
/** Two lines beside the bars. */
const HEAD_PX = 44;
/** One line above them. */
const HEAD_NARROW_PX = 20;
/** Narrower than this, names stand above the bars. */
const NARROW_PX = 640;
const GUTTER_PX = 196;
/** Names stand in bold, which is wider than what was measured. */
const BOLD = 1.1;
export const EDGE_PX = 12;

export interface LaneBox {
  lane: Lane;
  y: number;
  height: number;
  /** Where its first row begins. */
  rowsY: number;
  /** Where the words of arrows that arrive stand; none where no arrow does. */
  captionY: number | undefined;
}

export interface Layout {
  width: number;
  height: number;
  isNarrow: boolean;
  /** Where the axis begins. */
  left: number;
  /** How wide the whole axis is at zoom 1. */
  plot: number;
  lanes: LaneBox[];
}

export function layout({ lanes }: Picture, arrows: readonly Arrow[], width: number): Layout {
  const isNarrow = width < NARROW_PX;
  const gutter = isNarrow ? 0 : GUTTER_PX;
  const captioned = new Set(arrows.filter(({ kind }) => kind !== "route").map(({ to }) => to.lane));
  let y = AXIS_PX;
  const boxes = lanes.map((lane, at): LaneBox => {
    const caption = captioned.has(at) ? CAPTION_PX : 0;
    const head = isNarrow ? HEAD_NARROW_PX : 0;
    const height = Math.max(isNarrow ? 0 : HEAD_PX, head + caption + lane.rows * ROW_PX - (ROW_PX - BAR_PX) + 2 * PAD_PX);
    const spare = height - head - caption - (lane.rows * ROW_PX - (ROW_PX - BAR_PX)) - 2 * PAD_PX;
    const rowsY = y + head + caption + PAD_PX + spare / 2;
    const box = { lane, y, height, rowsY, captionY: caption > 0 ? rowsY - 4 : undefined };
    y += height;
    return box;
  });
  return { width, height: y + FOOT_PX, isNarrow, left: gutter + EDGE_PX, plot: Math.max(40, width - gutter - 2 * EDGE_PX), lanes: boxes };
}

/** Where a row's bars begin. */
export function rowY({ lanes }: Layout, { lane, row }: End): number {
  return (lanes[lane]?.rowsY ?? 0) + row * ROW_PX;
}

/** The bars of each row, left to right. */
export function rows(bars: readonly Placed[]): Placed[][] {
  const found = new Map<string, Placed[]>();
  for (const bar of bars) {
    const key = `${bar.lane} ${bar.row}`;
    const row = found.get(key);
    if (row) row.push(bar);
    else found.set(key, [bar]);
  }
  return [...found.values()];
}

export interface Caption {
  text: string;
  x: number;
  y: number;
}

export const ARROW_WORDS: Record<Arrow["kind"], string> = {
  route: "Passed on", consult: "Consult", dial: "Dials", transfer: "Transfer", conference: "Conference", add: "Joins",
};

/** The words of arrows, where there is room beside them. */
export function captions(arrows: readonly Arrow[], laid: Layout, x: (at: number) => number, measure: (text: string) => number): Caption[] {
  const taken = new Map<number, number>();
  const found: Caption[] = [];
  for (const { kind, to, at } of arrows) {
    const y = laid.lanes[to.lane]?.captionY;
    if (kind === "route" || y === undefined) continue;
    const text = ARROW_WORDS[kind];
    const wide = measure(text);
    const right = x(at) + 6;
    const begin = right + wide > laid.width ? x(at) - 6 - wide : right;
    if (begin < (taken.get(to.lane) ?? -Infinity) || x(at) < laid.left - EDGE_PX || x(at) > laid.width) continue;
    taken.set(to.lane, begin + wide + 6);
    found.push({ text, x: begin, y });
  }
  return found;
}

/** What stands at the head of a lane: its name, and its kind with its address where that is another. */
export function laneWords(lane: Lane, kind: string, isNarrow: boolean, width: number, measure: (text: string) => number): [string, string] {
  const address = lane.name === lane.device ? "" : lane.device;
  if (!isNarrow) {
    const room = GUTTER_PX - 40;
    return [shortened(lane.name, room / BOLD, measure), shortened(address === "" ? kind : `${kind} ${address}`, room, measure)];
  }
  const name = shortened(lane.name, width / 2 / BOLD, measure);
  return [name, shortened(address === "" ? kind : `${kind} ${address}`, width / 2 - 60, measure)];
}
