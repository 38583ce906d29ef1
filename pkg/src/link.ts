// What a client asks of a hub and hears of it, in one page or across threads.

import type { Problem } from "./errors.js";
import type { DeskEnded, DeskMirrorKind, DeskOutput, DeskTo } from "./wasm/desk.js";

/** A request in the protocol's own words. */
export interface Request {
  to: DeskTo;
  /** With `to: "resource"`: which. */
  resource?: string | undefined;
  command: string;
  target?: string | undefined;
  data?: object | undefined;
  withinMs?: number | undefined;
}

/** Mirrors that last while somebody watches them. */
export type WatchedKind = "roster" | "queues" | "journey";

/** How a mirror is another. */
export type MirrorTold = { kind: "mirror"; mirror: DeskMirrorKind; key: string } & (
  | { change: "snapshot"; value: unknown }
  /** The event told before applies; sessions and services come whole with it. */
  | { change: "event"; value?: unknown }
  | { change: "stale" }
  | ({ change: "ended" } & DeskEnded)
  | { change: "failed"; failure: Problem }
);

/** What a client hears, in order. */
export type Told =
  | Extract<DeskOutput, { kind: "connection" | "answered" | "resumed" | "resnapshotted" | "warning" }>
  /** `changes`: whether the mirror it changes is told next. */
  | (Extract<DeskOutput, { kind: "event" }> & { changes: boolean })
  | MirrorTold;

/** What a client asks of a hub, in this page or in another thread. */
export interface Link {
  call(call: number, request: Request): void;
  cancel(call: number): void;
  watch(mirror: WatchedKind, key: string): void;
  unwatch(mirror: WatchedKind, key: string): void;
  retry(): void;
  /** Nothing is told any more. */
  leave(): void;
}
