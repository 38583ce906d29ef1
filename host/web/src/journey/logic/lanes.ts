// Lanes of the picture: one for each device, in order of touch; what overlaps there in time stands in rows of its own.

import type { DeviceType } from "interaction-processor";

import { APART_MS } from "./steps";
import type { Step } from "./steps";

export interface Lane {
  key: string;
  kind: DeviceType;
  device: string;
  /** What people call it; its address where no name is known. */
  name: string;
  /** How many rows of bars it has. */
  rows: number;
}

export interface Placed {
  step: Step;
  /** By its place in the list of lanes. */
  lane: number;
  row: number;
}

export interface Picture {
  lanes: Lane[];
  bars: Placed[];
}

export function laneKey(step: Pick<Step, "kind" | "device">): string {
  return `${step.kind}\u0000${step.device}`;
}

/** Deals steps, oldest first, to lanes and rows. A leg keeps its row at a device while that row is free. */
export function picture(steps: readonly Step[]): Picture {
  const lanes: Lane[] = [];
  const at = new Map<string, number>();
  /** Of each lane, its rows: until when each is taken, and by which leg it was last. */
  const taken: { until: number; call: string }[][] = [];
  const bars = steps.map((step): Placed => {
    const key = laneKey(step);
    let lane = at.get(key);
    if (lane === undefined) {
      lane = lanes.length;
      at.set(key, lane);
      lanes.push({ key, kind: step.kind, device: step.device, name: "", rows: 0 });
      taken.push([]);
    }
    const own = lanes[lane] as Lane;
    // The newest name stands: people may be renamed.
    if (step.name !== "") own.name = step.name;
    const rows = taken[lane] as { until: number; call: string }[];
    const isFree = ({ until }: { until: number }) => until <= step.from + APART_MS;
    // Work after the call is of no leg.
    let row = step.activity === "work" ? -1 : rows.findIndex((one) => isFree(one) && one.call === step.call);
    if (row < 0) row = rows.findIndex(isFree);
    if (row < 0) row = rows.length;
    rows[row] = { until: step.isRunning ? Infinity : step.to, call: step.call };
    own.rows = rows.length;
    return { step, lane, row };
  });
  for (const lane of lanes) if (lane.name === "") lane.name = lane.device;
  return { lanes, bars };
}
