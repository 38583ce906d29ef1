import { useSecond } from "../data/clock";
import { ago, clockTime, duration, exactTime, isoDuration } from "../data/format";

/** How long something has lasted, ticking; since when exactly stands in its tip. */
export function Since({ at, isLate = false }: { at: number; isLate?: boolean }) {
  const ms = useSecond() + 999 - at;
  return (
    <time dateTime={isoDuration(ms)} title={`since ${exactTime(at)}`} data-tone={isLate ? "alarm" : undefined} style={isLate ? LATE : undefined}>
      {duration(ms)}
    </time>
  );
}

const LATE = { color: "var(--alarm)", fontWeight: 600 };

/** How long is left, ticking down to nothing. */
export function Until({ at }: { at: number }) {
  const ms = Math.max(0, at - useSecond());
  return <time dateTime={isoDuration(ms)} title={`until ${exactTime(at)}`}>{duration(ms)}</time>;
}

/** When something was: `3 min ago`, with the exact time in its tip. */
export function Ago({ at }: { at: number }) {
  const now = useSecond();
  return <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>{ago(at, now)}</time>;
}

/** When something was, as the clock showed. */
export function At({ at }: { at: number }) {
  const now = useSecond();
  return <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>{clockTime(at, now)}</time>;
}

/** Whether a moment is over; nothing is over at once. */
export function useIsPast(at: number | undefined): boolean {
  const second = useSecond();
  return at === undefined || second >= at;
}
