import type { Request, Told, WatchedKind } from "./link.js";
import type { DeskConfig } from "./wasm/desk.js";

/** What a tab says to the worker. */
export type ToWorker =
  /** First: which link, and the lock that is held for as long as the tab lives. */
  | { kind: "attach"; config: DeskConfig; lock: string; wasm?: string | undefined }
  | { kind: "call"; call: number; request: Request }
  | { kind: "cancel"; call: number }
  | { kind: "watch" | "unwatch"; mirror: WatchedKind; key: string }
  | { kind: "retry" | "leave" }
  | { kind: "token"; token: string | null }
  | { kind: "tokenFailed"; why: string };

/** What the worker says to a tab, a list at a time. */
export type ToTab = Told | { kind: "wantToken" };
