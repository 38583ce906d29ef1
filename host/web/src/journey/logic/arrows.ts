// How a call got from one device to another: transfers, conferences, consultations, and the plain way.

import type { Picture, Placed } from "./lanes";
import { isOnCall } from "./steps";
import type { Step } from "./steps";

export type ArrowKind = "route" | "consult" | "dial" | "transfer" | "conference" | "add";

/** One end: a row of a lane. */
export interface End {
  lane: number;
  row: number;
}

export interface Arrow {
  kind: ArrowKind;
  from: End;
  to: End;
  /** When it happened: arrows are drawn upright. */
  at: number;
}

/** Events of one moment on several devices are told this close together. */
const MOMENT_MS = 1_000;

/** The arrows of a picture, oldest first. */
export function arrows({ bars, lanes }: Picture): Arrow[] {
  const found: Arrow[] = [];
  const names = lanes.map(({ name }) => name);
  const put = (kind: ArrowKind, from: End, to: End | undefined, at: number) => {
    if (to === undefined || to.lane === from.lane) return;
    const isThere = found.some((other) => other.from.lane === from.lane && other.to.lane === to.lane && Math.abs(other.at - at) < MOMENT_MS);
    if (!isThere) found.push({ kind, from: { lane: from.lane, row: from.row }, to: { lane: to.lane, row: to.row }, at });
  };
  const consults = new Set(bars.filter(({ step }) => step.activity === "consult").map(({ step }) => step.call));
  for (const bar of bars) {
    const { step } = bar;
    if (step.outcome === "transferred") put("transfer", bar, receiver(bar, bars, names), step.to);
    if (step.activity === "dialling") {
      const called = bars.find((other) => other.step.call === step.call && other.lane !== bar.lane && other.step.from >= step.from && isReached(other.step));
      const isConsult = consults.has(step.call) || isHolding(bar, bars);
      put(isConsult ? "consult" : "dial", bar, called, called?.step.from ?? step.from);
    }
  }
  for (const group of conferences(bars)) {
    const host = hostOf(group, bars);
    if (host !== undefined) for (const one of group) put("conference", host, one, one.step.from);
  }
  bars.forEach((bar, at) => {
    const next = passedOn(bar, bars.slice(at + 1));
    const isToldOf = next !== undefined && found.some((other) => other.to.lane === next.lane && Math.abs(other.at - next.step.from) < MOMENT_MS);
    if (next !== undefined && !isToldOf) put("route", bar, next, next.step.from);
  });
  for (const bar of bars) {
    const host = addedBy(bar, bars);
    const arrives = found.some((other) => other.to.lane === bar.lane && Math.abs(other.at - bar.step.from) < MOMENT_MS);
    if (host !== undefined && !arrives) put("add", host, bar, bar.step.from);
  }
  return found.sort((a, b) => a.at - b.at);
}

/** Who was given the call: whoever the words name, else who is on it right then. */
function receiver({ step, lane }: Placed, bars: readonly Placed[], names: readonly string[]): Placed | undefined {
  const isThere = ({ step: other }: Placed) => other.from <= step.to + MOMENT_MS && other.to >= step.to;
  const others = bars.filter((other) => other.lane !== lane && isThere(other) && isReached(other.step));
  const isNamed = (other: Placed) => step.passedTo !== "" && (names[other.lane] === step.passedTo || other.step.device === step.passedTo);
  const begins = (other: Placed) => Math.abs(other.step.from - step.to) < MOMENT_MS;
  return others.find((other) => isNamed(other) && begins(other)) ?? others.find(isNamed) ?? others.find(begins) ?? others[0];
}

function isReached(step: Step): boolean {
  return step.activity === "ringing" || step.activity === "outgoing" || isOnCall(step);
}

function isHolding({ step, lane }: Placed, bars: readonly Placed[]): boolean {
  return bars.some((other) =>
    other.lane === lane && other.step.activity === "hold" && other.step.call !== step.call
    && other.step.from <= step.from + MOMENT_MS && other.step.to > step.from);
}

/** Those who came to speak in one conference at one moment. */
function conferences(bars: readonly Placed[]): Placed[][] {
  const groups: Placed[][] = [];
  for (const bar of bars) {
    if (bar.step.activity !== "conference") continue;
    const isSame = (first: Placed | undefined) =>
      first !== undefined && first.step.call === bar.step.call && Math.abs(first.step.from - bar.step.from) < MOMENT_MS;
    const group = groups.find(([first]) => isSame(first));
    if (group) group.push(bar);
    else groups.push([bar]);
  }
  return groups;
}

/** Who made it: whoever had been on the call longest just before. */
function hostOf(group: readonly Placed[], bars: readonly Placed[]): Placed | undefined {
  const since = (one: Placed) => {
    const before = bars.filter((bar) => bar.lane === one.lane && bar.step.from < one.step.from && isOnCall(bar.step));
    return Math.min(Infinity, ...before.map((bar) => bar.step.from));
  };
  return group.toSorted((a, b) => since(a) - since(b) || a.step.from - b.step.from)[0];
}

/** Where a call went from its caller, a trigger, a script or a queue, on the same leg; `later` is what was told after. */
function passedOn({ step, lane }: Placed, later: readonly Placed[]): Placed | undefined {
  const { activity } = step;
  if (step.isRunning || !(activity === "incoming" || activity === "trigger" || activity === "script" || activity === "queue")) return undefined;
  return later.find((other) => other.lane !== lane && other.step.call === step.call && Math.abs(other.step.from - step.to) < MOMENT_MS);
}

/** Who brought a device into a talk: whoever was in it when it first rang there. */
function addedBy({ step, lane }: Placed, bars: readonly Placed[]): Placed | undefined {
  const isFirst = !bars.some((other) => other.lane === lane && other.step.from < step.from);
  if (!isFirst || !isReached(step) || step.activity === "outgoing") return undefined;
  return bars.find((other) =>
    other.lane !== lane && other.step.call === step.call && isOnCall(other.step) && other.step.from < step.from && other.step.to > step.from);
}
