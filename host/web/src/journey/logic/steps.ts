// What the steps of a journey say: the server tells each in words for people, and these are read here once.

import type { DeviceType, JourneyStep } from "interaction-processor";

import { parseClock } from "../../data/format";

/** What a device does during a step. */
export type Activity =
  | "incoming" | "outgoing" | "trigger" | "script" | "queue" | "dialling" | "ringing" | "talking" | "consult" | "conference"
  | "listening" | "coaching" | "barged" | "hold" | "work" | "other";

export interface Step {
  /** The same in every reading of the journey. */
  key: string;
  /** The leg. */
  call: string;
  device: string;
  kind: DeviceType;
  activity: Activity;
  /** As the server words it. */
  description: string;
  /** What people call the device: an agent's name, a script's; empty where the words do not tell it. */
  name: string;
  /** Whom it is about, where that is another: who is dialled or consulted. */
  other: string;
  /** What came of it: `answered`, `no answer`; empty where nothing worth a word did. */
  outcome: string;
  /** To whom it was passed on. */
  passedTo: string;
  from: number;
  /** When it ended; of a running step, until when it is known. */
  to: number;
  isRunning: boolean;
  /** Whether its beginning or end was not seen. */
  isPartial: boolean;
}

/** The server's words for activities, at the head of a description; longer ones first. */
const VERBS: readonly [string, Activity][] = [
  ["consult with", "consult"], ["after-call work", "work"], ["barged in", "barged"], ["dialling", "dialling"],
  ["ringing", "ringing"], ["talking", "talking"], ["consult", "consult"], ["conference", "conference"],
  ["listening", "listening"], ["coaching", "coaching"], ["hold", "hold"],
  ["Incoming call from", "incoming"], ["Incoming call", "incoming"], ["Outgoing call to", "outgoing"], ["Outgoing call", "outgoing"],
];
const OUTCOME = /: (answered|left|abandoned|no answer|busy|rejected|unreachable|failed|transferred)$/;
const PASSED = /: transferred to (.+)$/s;
const BY_KIND: Partial<Record<DeviceType, Activity>> = { Trigger: "trigger", IVR: "script", CSQ: "queue" };
/** Activities whose words name their own device. */
const NAMES_ITSELF = new Set<Activity>(["ringing", "talking", "conference", "listening", "coaching", "barged", "hold", "work"]);
const ON_CALL = new Set<Activity>(["talking", "consult", "conference", "listening", "coaching", "barged", "hold"]);
const MOMENTS = new Set<Activity>(["incoming", "outgoing"]);
/** Durations are told in whole seconds. */
const TOLD_TO_MS = 1_000;
/** What happens at one moment is told in several events, so far apart. */
export const APART_MS = 100;

/** Whether the device is on the call, speaking or not. */
export function isOnCall(step: Step): boolean {
  return ON_CALL.has(step.activity);
}

/** Whether it has no duration by its nature. */
export function isMoment(step: Step): boolean {
  return MOMENTS.has(step.activity);
}

interface Words {
  activity: Activity;
  name: string;
  other: string;
  outcome: string;
  passedTo: string;
}

/** Takes a description apart. */
export function words({ Description, Device, DeviceType }: Pick<JourneyStep, "Description" | "Device" | "DeviceType">): Words {
  const passedTo = PASSED.exec(Description)?.[1] ?? "";
  const outcome = passedTo === "" ? (OUTCOME.exec(Description)?.[1] ?? "") : "transferred";
  const tail = passedTo === "" ? (outcome === "" ? 0 : outcome.length + 2) : passedTo.length + ": transferred to ".length;
  const said = Description.slice(0, Description.length - tail);
  const fixed = BY_KIND[DeviceType];
  if (fixed !== undefined) {
    const name = said === fixed || said === Device ? "" : said;
    return { activity: fixed, name, other: "", outcome, passedTo };
  }
  for (const [verb, activity] of VERBS) {
    if (said !== verb && !said.startsWith(`${verb} `)) continue;
    const whom = said.slice(verb.length + 1);
    if (activity === "consult" && verb === "consult") return { activity, name: whom, other: "", outcome, passedTo };
    const isOwn = NAMES_ITSELF.has(activity);
    return { activity, name: isOwn ? whom : "", other: isOwn || MOMENTS.has(activity) ? "" : whom, outcome, passedTo };
  }
  return { activity: "other", name: "", other: said, outcome, passedTo };
}

/** A step keeps its key when its words change: they gain a name or an outcome. */
export function keyOf(step: JourneyStep): string {
  return [step.CallId, step.DeviceType, step.Device, step.StartedAt, words(step).activity].join("\u0000");
}

/**
 * Which steps may be running still in a journey as of `at`: their duration reaches it, nothing followed at the same device on
 * the same leg, and nothing came of them.
 */
export function mayRun(steps: readonly JourneyStep[], at: number): Set<string> {
  const running = new Set<string>();
  const followed = new Set<string>();
  for (const step of steps.toReversed()) {
    const { activity, outcome } = words(step);
    const place = [step.CallId, step.DeviceType, step.Device].join("\u0000");
    const reaches = step.StartedAt + parseClock(step.Duration) + TOLD_TO_MS > at;
    if (reaches && outcome === "" && !MOMENTS.has(activity) && !followed.has(place)) running.add(keyOf(step));
    followed.add(place);
  }
  return running;
}

/** Which of them are, once the same journey was read again more than a second later: their durations grew. */
export function grew(before: readonly JourneyStep[], after: readonly JourneyStep[]): Set<string> {
  const was = new Map(before.map((step) => [keyOf(step), step.Duration]));
  return new Set(after.filter((step) => was.has(keyOf(step)) && was.get(keyOf(step)) !== step.Duration).map(keyOf));
}

/** The steps with their ends, as far as these are told; `endedAt` is when the call ended, where that is known. */
export function read(told: readonly JourneyStep[], running: ReadonlySet<string>, at: number, endedAt?: number): Step[] {
  return told.map((step, index) => {
    const key = keyOf(step);
    const isRunning = running.has(key);
    const from = step.StartedAt;
    return {
      key, call: step.CallId, device: step.Device, kind: step.DeviceType, description: step.Description, ...words(step),
      from, to: isRunning ? Math.max(at, from) : endOf(told, index, endedAt), isRunning, isPartial: step.Partial ?? false,
    };
  });
}

/**
 * Ends are told to the second: one is moved to what began within that second and so ended it, at the same device before
 * others, or to the end of the call.
 */
function endOf(told: readonly JourneyStep[], index: number, endedAt: number | undefined): number {
  const step = told[index] as JourneyStep;
  const least = step.StartedAt + parseClock(step.Duration);
  if (MOMENTS.has(words(step).activity)) return least;
  const later = told.slice(index + 1).filter(({ StartedAt }) => StartedAt >= least - APART_MS && StartedAt < least + TOLD_TO_MS + APART_MS);
  const isOfLeg = ({ CallId }: JourneyStep) => CallId === step.CallId;
  const next = later.find((other) => isOfLeg(other) && other.DeviceType === step.DeviceType && other.Device === step.Device)
    ?? later.find((other) => isOfLeg(other) && other.StartedAt > step.StartedAt)
    ?? later.find(({ StartedAt }) => StartedAt > step.StartedAt);
  if (next !== undefined) return next.StartedAt;
  return endedAt !== undefined && endedAt >= least && endedAt < least + TOLD_TO_MS ? endedAt : least;
}

/** The words of an activity on a bar. */
const LABELS: Record<Activity, string> = {
  incoming: "Incoming call", outgoing: "Outgoing call", trigger: "Trigger", script: "Script", queue: "Waiting", dialling: "Dialling",
  ringing: "Ringing", talking: "Talking", consult: "Consult", conference: "Conference", listening: "Listening",
  coaching: "Coaching", barged: "Barged in", hold: "Hold", work: "Wrap-up", other: "",
};

export function labelOf(step: Step): string {
  return LABELS[step.activity] || step.description;
}

/** What came of it, in few words. */
export function outcomeOf(step: Step): string {
  return step.outcome === "" || step.outcome === "left" ? "" : step.outcome;
}

export const KIND_WORDS: Record<DeviceType, string> = { Trigger: "Trigger", IVR: "IVR", CSQ: "Queue", Agent: "Agent", External: "External" };

export function kindWord(kind: DeviceType): string {
  // A newer server may know more kinds.
  return (KIND_WORDS as Partial<Record<string, string>>)[kind] ?? kind;
}

export interface Ending {
  /** When the last leg ended. */
  at: number;
  cause: string;
}

const CAUSES: Record<string, string> = {
  abandoned: "The caller gave up", "no answer": "Nobody answered", busy: "Busy", rejected: "Rejected",
  unreachable: "The destination cannot be reached", failed: "The platform failed it",
};

/** How a call ended, as its last steps tell; none while somebody is on it, or on the way to be. */
export function endingOf(steps: readonly Step[], endedAt: number | undefined): Ending | undefined {
  const legs = steps.filter(({ activity }) => activity !== "work");
  if (legs.length === 0 || legs.some(({ isRunning }) => isRunning)) return undefined;
  const last = legs.reduce((last, step) => (step.to >= last.to ? step : last));
  const at = endedAt ?? last.to;
  const finals = legs.filter((step) => step.to > last.to - TOLD_TO_MS && !isMoment(step));
  const told = finals.map(({ outcome }) => CAUSES[outcome]).find((cause) => cause !== undefined);
  if (finals.some(isOnCall)) return { at, cause: finals.some(({ isPartial }) => isPartial) ? "Its end was not seen" : "Hung up" };
  return { at, cause: told ?? (finals.some(({ isPartial }) => isPartial) ? "Its end was not seen" : "Ended before anybody answered") };
}
