// What members do, in the trade's own words: each state has a word, a tone and a mark.

import type { Member, MemberState } from "interaction-processor";

export type Tone = "ready" | "busy" | "work" | "away" | "out";

export interface StateWords {
  word: string;
  tone: Tone;
}

/** In the order in which they are listed and stacked. */
export const STATES: Record<MemberState, StateWords> = {
  ready: { word: "Ready", tone: "ready" },
  reserved: { word: "Ringing", tone: "busy" },
  talking: { word: "Talking", tone: "busy" },
  hold: { word: "On hold", tone: "busy" },
  work: { word: "Wrap-up", tone: "work" },
  notready: { word: "Not ready", tone: "away" },
  loggedout: { word: "Logged out", tone: "out" },
};

export const STATE_ORDER = Object.keys(STATES) as MemberState[];
export const TONES: readonly Tone[] = ["ready", "busy", "work", "away", "out"];
/** Tones are states people count together. */
export const TONE_WORDS: Record<Tone, string> = {
  ready: "Ready", busy: "On a call", work: "Wrap-up", away: "Not ready", out: "Logged out",
};

/** What somebody is in a team, in full and for where there is little room. */
export const ROLES: Record<Member["memberType"], { word: string; short: string }> = {
  Agent: { word: "Agent", short: "" },
  TeamLead: { word: "Team lead", short: "Lead" },
  Supervisor: { word: "Supervisor", short: "Sup." },
};

/** How many of each tone. */
export type Counts = Record<Tone, number>;

export function noCounts(): Counts {
  return { ready: 0, busy: 0, work: 0, away: 0, out: 0 };
}

export function toneOf(state: MemberState): Tone {
  // A newer server may know more states.
  return (STATES[state] as StateWords | undefined)?.tone ?? "out";
}

export function wordOf(state: MemberState): string {
  return (STATES[state] as StateWords | undefined)?.word ?? state;
}
