import type { FailureCode } from "./wire.js";

/** Failures that arise here and not on the server. */
export type ClientCode =
  | "client.notready" | "client.cancelled" | "client.stopped" | "client.toomany" | "client.noservice" | "client.token"
  | "client.nonsense" | "client.ignored" | "client.inuse" | "client.declined" | "client.listener" | "client.overflow"
  | "client.refused" | "client.broken" | "config.invalid";

/** A server may be newer and know more codes. */
export type ErrorCode = FailureCode | ClientCode | (string & {});

/** A failure as data. */
export interface Problem {
  code: ErrorCode;
  message: string;
  context?: string;
  params?: Record<string, string>;
  retryAfterMs?: number;
}

/** What every call of this package fails with. */
export class ProcessorError extends Error {
  override readonly name = "ProcessorError";
  /** What kind of failure it is, for programs. */
  readonly code: ErrorCode;
  /** The values in the message, for translation. */
  readonly params: Readonly<Record<string, string>>;
  /** Detail for developers: empty unless the server is told to debug. */
  readonly context: string;
  /** When it is worth trying again, in milliseconds, where waiting helps. */
  readonly retryAfterMs: number | undefined;

  constructor(problem: Problem, options?: { cause?: unknown }) {
    super(problem.message || problem.code, options);
    this.code = problem.code;
    this.params = problem.params ?? {};
    this.context = problem.context ?? "";
    this.retryAfterMs = problem.retryAfterMs;
  }
}

/** The failure of this code, in these words. */
export function failure(code: ClientCode, message: string, cause?: unknown): ProcessorError {
  return new ProcessorError({ code, message }, cause === undefined ? undefined : { cause });
}

/** Tells a failure that nobody waits for, as the platform tells its own: to `window.onerror`, or on the console. */
export function report(error: unknown): void {
  const told = (globalThis as { reportError?: (error: unknown) => void }).reportError;
  if (told) told.call(globalThis, error);
  else console.error(error);
}
