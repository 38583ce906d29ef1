// Times and durations as people read them.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const two = (number: number) => String(number).padStart(2, "0");

/** `m:ss`, or `h:mm:ss`; nothing lasts less than no time. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** The same for who cannot see it, and `datetime` attributes: ISO 8601. */
export function isoDuration(ms: number): string {
  return `PT${Math.max(0, Math.floor(ms / SECOND))}S`;
}

/** The words a screen reader says: `2 minutes 5 seconds` and not `two colon five`. */
export function spokenDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND));
  const parts = [
    [Math.floor(seconds / 3600), "hour"], [Math.floor(seconds / 60) % 60, "minute"], [seconds % 60, "second"],
  ] as const;
  const said = parts.filter(([number]) => number > 0).map(([number, unit]) => `${number} ${unit}${number === 1 ? "" : "s"}`);
  return said.join(" ") || "0 seconds";
}

/** `HH:MM:SS` of `03:12:45`, in milliseconds. */
export function parseClock(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(":").map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * SECOND;
}

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const minute = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

/** `14:02:11`, and the day where it is another one. */
export function clockTime(at: number, now: number): string {
  return isSameDay(at, now) ? time.format(at) : `${day.format(at)}, ${time.format(at)}`;
}

/** `14:02`, for axes. */
export function clockMinute(at: number): string {
  return minute.format(at);
}

/** Day, time and zone. */
export function exactTime(at: number): string {
  return exact.format(at);
}

/** `just now`, `3 min ago`, `2 h ago`, and the time itself where that says more. */
export function ago(at: number, now: number): string {
  const ms = now - at;
  if (ms < 5 * SECOND) return "just now";
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s ago`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ago`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ago`;
  return clockTime(at, now);
}

const grouped = new Intl.NumberFormat();

/** `984`, `2,481`. Small numbers, which are most of thousands on a page, look the same in every language. */
export function count(number: number): string {
  return number < 1_000 ? String(number) : grouped.format(number);
}

/** `1 agent`, `2 agents`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

function isSameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}
