// One clock for all that ticks: the server's, once a second.

import { useSyncExternalStore } from "react";

let aheadMs = 0;
let second = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

/** What time the server has. */
export function serverNow(): number {
  return Date.now() + aheadMs;
}

/** How far the server's clock is ahead of this one. */
export function setAhead(ms: number): void {
  aheadMs = ms;
}

/** The server's time, rendered anew with every second of it, unless nothing `isTicking`. */
export function useSecond(isTicking = true): number {
  return useSyncExternalStore(isTicking ? subscribe : never, current) * 1_000;
}

function never(): () => void {
  return () => {};
}

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  if (timer === undefined) tick();
  return () => {
    listeners.delete(changed);
    if (listeners.size > 0) return;
    clearTimeout(timer);
    timer = undefined;
  };
}

function tick(): void {
  const now = serverNow();
  second = Math.floor(now / 1_000);
  for (const listener of listeners) listener();
  timer = setTimeout(tick, 1_000 - (now % 1_000));
}

function current(): number {
  if (timer === undefined) second = Math.floor(serverNow() / 1_000);
  return second;
}
