// What a command fails with, whoever threw it.

export interface Problem {
  code: string;
  message: string;
  /** On the server's clock: not before then is it worth trying again. */
  retryAt?: number | undefined;
}

/** Any failure, as one that can be told. */
export function problemOf(error: unknown, now: number): Problem {
  const { code, message, retryAfterMs } = (error ?? {}) as { code?: unknown; message?: unknown; retryAfterMs?: unknown };
  return {
    code: typeof code === "string" ? code : "page.failed",
    message: typeof message === "string" && message !== "" ? message : String(error),
    retryAt: typeof retryAfterMs === "number" ? now + retryAfterMs : undefined,
  };
}

const LINK_CODES = new Set(["client.notready", "client.stopped", "binding.required", "link.required"]);

/** The failure in words that say what to do; the server's own where they do. */
export function wordsOf({ code, message }: Problem): string {
  if (LINK_CODES.has(code)) return "The connection was not there: nothing was done. Try it again when it is back.";
  switch (code) {
    case "request.outcomeunknown":
      return "The connection was lost before the answer came: look whether it was done, then decide.";
    case "rate.limited":
      return "Too many requests in a short time.";
    default:
      return message;
  }
}

/** Where a failed sign-in is told. */
export type SignInPlace = "agentId" | "password" | "extension" | "form";

/** A failed sign-in in plain words, and the field it is about. */
export function signInFailure({ code, message }: Problem): { place: SignInPlace; words: string } {
  switch (code) {
    case "credentials.invalid":
      return { place: "password", words: "The agent id or the password is wrong. Check both and try again." };
    case "credentials.locked":
      return { place: "password", words: "Too many wrong passwords: this agent is locked for a while." };
    case "agent.unknown":
      return { place: "agentId", words: "The telephony platform knows no agent with this id." };
    case "cti.unavailable":
      return { place: "form", words: "The telephony platform cannot be reached now. Your calls on the phone are not touched by it." };
    case "domain.unavailable":
      return { place: "form", words: "The other servers cannot be asked now whether you are signed in there." };
    case "rate.limited":
      return { place: "form", words: "Too many attempts from this computer in a short time." };
    case "model.unknown":
      return { place: "form", words: "The server does not know the call model this page asks for. Tell your administrator." };
    case "access.denied":
      return { place: "form", words: "This connection may not sign agents in: its token lacks the right to. Ask your administrator for another." };
    case "cti.refused":
      return { place: /extension|device|instrument/i.test(message) ? "extension" : "form", words: message };
    default:
      return { place: "form", words: message };
  }
}
