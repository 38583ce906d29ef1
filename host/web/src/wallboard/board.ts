// What the wallboard shows, made of what the server tells: counts, rows in their order, and what needs attention.

import type { Member, Queue, RosterTeam } from "interaction-processor";

import { STATE_ORDER, noCounts, toneOf, wordOf } from "../data/states";
import type { Counts, Tone } from "../data/states";
import type { ReasonNames } from "../data/reasons";

export interface TeamSummary {
  teamId: string;
  teamName: string;
  counts: Counts;
  size: number;
  /** Since when the one is not ready who has been for longest; undefined where nobody is. */
  worstSince: number | undefined;
}

/** One member in one team. */
export interface Row {
  key: string;
  member: Member;
  teamId: string;
  teamName: string;
  /** Of the member's name among all: comparing names as people do is slow, and names rarely change. */
  rank: number;
  /** In which ranking. */
  ranking: number;
}

export const COLUMNS = ["state", "name", "reason", "since", "team", "id"] as const;
export type Column = (typeof COLUMNS)[number];

export interface Sorting {
  column: Column;
  isDescending: boolean;
}

export interface Selection {
  teamId: string | undefined;
  tone: Tone | undefined;
  words: string;
}

export function summaries(teams: ReadonlyMap<string, RosterTeam>): TeamSummary[] {
  return [...teams.values()].map(({ teamId, teamName, members }) => {
    const counts = noCounts();
    let worstSince: number | undefined;
    for (const { state, since } of members.values()) {
      const tone = toneOf(state);
      counts[tone] += 1;
      if (tone === "away" && (worstSince === undefined || since < worstSince)) worstSince = since;
    }
    return { teamId, teamName, counts, size: members.size, worstSince };
  }).sort((one, other) => byName.compare(one.teamName, other.teamName));
}

/** How many people do what: who is in two teams counts once. */
export function countPeople(teams: ReadonlyMap<string, RosterTeam>): Counts {
  const counts = noCounts();
  const seen = new Set<string>();
  for (const { members } of teams.values()) {
    for (const { memberId, state } of members.values()) {
      if (seen.has(memberId)) continue;
      seen.add(memberId);
      counts[toneOf(state)] += 1;
    }
  }
  return counts;
}

/** The rows that are selected, in their order. */
export function rows(teams: ReadonlyMap<string, RosterTeam>, selection: Selection, sorting: Sorting, reasons: ReasonNames): Row[] {
  const words = selection.words.trim().toLocaleLowerCase().split(/\s+/).filter((word) => word !== "");
  const found: Row[] = [];
  for (const { teamId, teamName, members } of teams.values()) {
    if (selection.teamId !== undefined && selection.teamId !== teamId) continue;
    for (const member of members.values()) {
      if (selection.tone !== undefined && toneOf(member.state) !== selection.tone) continue;
      if (words.length > 0 && !matches(member, teamName, reasons, words)) continue;
      found.push(rowOf(member, teamId, teamName));
    }
  }
  const once = selection.teamId === undefined ? peopleOnce(found) : found;
  rank(once);
  const compare = COMPARE[sorting.column](reasons);
  const sign = sorting.isDescending ? -1 : 1;
  return once.sort((one, other) => sign * compare(one, other) || one.rank - other.rank);
}

/** Whoever is in several teams stands in the first of them, which says how many more there are. */
function peopleOnce(rows: readonly Row[]): Row[] {
  const first = new Map<string, Row>();
  const more = new Map<string, number>();
  for (const row of rows) {
    const { memberId } = row.member;
    if (first.has(memberId)) more.set(memberId, (more.get(memberId) ?? 0) + 1);
    else first.set(memberId, row);
  }
  return [...first].map(([memberId, row]) => {
    const others = more.get(memberId);
    return others === undefined ? row : { ...row, teamName: `${row.teamName} +${others}` };
  });
}

/** A member is another object when something about it changed: what did not is not made anew. */
const made = new WeakMap<Member, Row>();

function rowOf(member: Member, teamId: string, teamName: string): Row {
  const known = made.get(member);
  if (known && known.teamId === teamId && known.teamName === teamName) return known;
  const row = { key: `${teamId} ${member.memberId}`, member, teamId, teamName, rank: 0, ranking: 0 };
  made.set(member, row);
  return row;
}

/** Counts how often names were ranked. */
let ranking = 0;
/** Every name that was ever seen, in its place; anew when one comes that was not. */
let ranks = new Map<string, number>();
/** Beyond so many, those that are gone are forgotten. */
const RANKS_MAX = 50_000;

function rank(rows: readonly Row[]): void {
  if (rows.some((row) => row.ranking !== ranking && !ranks.has(row.member.memberName))) {
    const names = rows.map(({ member }) => member.memberName);
    const all = [...new Set(ranks.size > RANKS_MAX ? names : [...ranks.keys(), ...names])].sort(byName.compare);
    ranks = new Map(all.map((name, place) => [name, place]));
    ranking += 1;
  }
  for (const row of rows) {
    if (row.ranking === ranking) continue;
    row.rank = ranks.get(row.member.memberName) ?? 0;
    row.ranking = ranking;
  }
}

function matches(member: Member, teamName: string, reasons: ReasonNames, words: readonly string[]): boolean {
  const { memberName, memberId, state, reason } = member;
  const text = `${memberName} ${memberId} ${wordOf(state)} ${reasons.of(reason)} ${teamName}`.toLocaleLowerCase();
  return words.every((word) => text.includes(word));
}

export const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

type Compare = (one: Row, other: Row) => number;

const COMPARE: Record<Column, (reasons: ReasonNames) => Compare> = {
  state: () => (one, other) =>
    STATE_ORDER.indexOf(one.member.state) - STATE_ORDER.indexOf(other.member.state) || one.member.since - other.member.since,
  name: () => (one, other) => one.rank - other.rank,
  reason: (reasons) => (one, other) => asText(reasons.of(one.member.reason), reasons.of(other.member.reason)),
  // The longest first is what one asks for: descending is by duration.
  since: () => (one, other) => other.member.since - one.member.since,
  team: () => (one, other) => (one.teamId === other.teamId ? 0 : byName.compare(one.teamName, other.teamName)),
  id: () => ({ member: one }, { member: other }) => one.memberId.length - other.memberId.length || asText(one.memberId, other.memberId),
};

function asText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** After how many seconds something needs attention; 0 is never. */
export interface Thresholds {
  notReady: number;
  wrapUp: number;
  ringing: number;
  waiting: number;
}

export const USUAL_THRESHOLDS: Thresholds = { notReady: 900, wrapUp: 180, ringing: 20, waiting: 120 };

/** Whether somebody has been in a state for too long. */
export function isLate({ state, since }: Pick<Member, "state" | "since">, thresholds: Thresholds, now: number): boolean {
  const seconds = state === "notready" ? thresholds.notReady : state === "work" ? thresholds.wrapUp : state === "reserved" ? thresholds.ringing : 0;
  return seconds > 0 && now - since >= seconds * 1_000;
}

/** Whether somebody has been waiting in a queue for too long. */
export function isQueueLate({ longestWaitSince }: Queue, thresholds: Thresholds, now: number): boolean {
  return longestWaitSince !== undefined && thresholds.waiting > 0 && now - longestWaitSince >= thresholds.waiting * 1_000;
}

export type Concern =
  | { kind: "member"; key: string; since: number; member: Member; teamId: string }
  | { kind: "queue"; key: string; since: number; queue: Queue };

/** What needs attention, queues before people and the longest first. */
export function concerns(
  teams: ReadonlyMap<string, RosterTeam>, queues: ReadonlyMap<string, Queue>, thresholds: Thresholds, now: number,
): Concern[] {
  const late = new Map<string, Concern>();
  for (const { teamId, members } of teams.values()) {
    for (const member of members.values()) {
      if (!isLate(member, thresholds, now)) continue;
      const key = `member ${member.memberId}`;
      late.set(key, { kind: "member", key, since: member.since, member, teamId });
    }
  }
  const waiting: Concern[] = [...queues.values()].filter((queue) => isQueueLate(queue, thresholds, now)).map((queue) => ({
    kind: "queue", key: `queue ${queue.queueId}`, since: queue.longestWaitSince ?? now, queue,
  }));
  const longest = (one: Concern, other: Concern) => one.since - other.since;
  return [...waiting.sort(longest), ...[...late.values()].sort(longest)];
}
