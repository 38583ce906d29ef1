import type { ProcessorError } from "interaction-processor";

/** Whatever was thrown, as a failure with a code. */
export function asFailure(error: unknown): ProcessorError {
  if (error instanceof Error && "code" in error) return error as ProcessorError;
  return Object.assign(new Error(String(error)), { code: "internal.error", params: {}, context: "", retryAfterMs: undefined }) as unknown as ProcessorError;
}
