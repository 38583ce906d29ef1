// What was typed into the search box, and which of the known calls it means.

import type { CallEntry, JourneyStep } from "interaction-processor";

import { words } from "./steps";

/** A number as servers keep it: without what people put between digits; none where it is no number. */
export function numberOf(text: string): string | undefined {
  const typed = text.trim();
  if (!/^\+?[\d\s()/.*#-]+$/.test(typed) || !/\d/.test(typed)) return undefined;
  return typed.replaceAll(/[\s()/.-]/g, "");
}

function folded(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLocaleLowerCase();
}

/** Every word must be found; capitals and accents do not matter. */
export function matches(query: string, text: string): boolean {
  const all = folded(text);
  return folded(query).split(/\s+/).every((word) => all.includes(word));
}

/** What is known of a call without opening it. */
export function lineText({ CallId, From, To }: CallEntry): string {
  return `${CallId} ${From} ${To}`;
}

/** What is found of a call that was opened: its legs, devices and names. */
export function insideText(steps: readonly JourneyStep[]): string {
  const parts = steps.flatMap((step) => {
    const { name, other, passedTo } = words(step);
    return [step.CallId, step.Device, name, other, passedTo];
  });
  return [...new Set(parts)].join(" ");
}

/** Two lists as one: newest first, each call once, what the first list says of it. */
export function merged(calls: readonly CallEntry[], more: readonly CallEntry[]): CallEntry[] {
  const known = new Set(calls.map(({ CallId }) => CallId));
  return [...calls, ...more.filter(({ CallId }) => !known.has(CallId))]
    .sort((a, b) => b.StartedAt - a.StartedAt || (a.CallId < b.CallId ? 1 : -1));
}

/** The address of a call's page, with what was searched. */
export function addressOf(callId: string | undefined, query: string): string {
  const search = query === "" ? "" : `?${new URLSearchParams({ q: query })}`;
  return `/journey${callId === undefined ? "" : `/${encodeURIComponent(callId)}`}${search}`;
}

/** The id in an address; none in that of the list. */
export function callOf(pathname: string): string | undefined {
  const part = /^\/journey\/([^/]+)$/.exec(pathname)?.[1];
  if (part === undefined) return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
