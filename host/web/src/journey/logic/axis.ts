// The axis of time: what of it is shown, and where its ticks stand.

const SECOND = 1_000;
/** Spans and ticks people read without counting, in seconds. */
const NICE = [1, 2, 5, 10, 15, 20, 30, 60, 90, 120, 180, 300, 450, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200, 10_800, 14_400, 21_600, 28_800, 43_200, 86_400];
/** The shortest span: a call of a moment is not blown up. */
const LEAST_MS = 5 * SECOND;
/** The closest look: a second is as wide as this. */
const SECOND_PX_MAX = 600;
const STEP = 1.5;

/** How long the axis is. That of a running call has room to grow into, so that what is drawn stays where it is. */
export function spanOf(lastedMs: number, isRunning: boolean): number {
  if (!isRunning) return Math.max(LEAST_MS, lastedMs * 1.02);
  const wanted = Math.max(lastedMs * 1.04, 10 * SECOND);
  const nice = NICE.find((seconds) => seconds * SECOND >= wanted);
  return nice === undefined ? Math.ceil(wanted / (86_400 * SECOND)) * 86_400 * SECOND : nice * SECOND;
}

/** The most by which a span on `width` pixels can be blown up. */
export function zoomMax(spanMs: number, width: number): number {
  return Math.max(1, (spanMs / SECOND) * SECOND_PX_MAX / Math.max(1, width));
}

/** The next zoom in a direction; 1 shows the whole. */
export function zoomed(zoom: number, direction: 1 | -1, max: number): number {
  const next = direction > 0 ? zoom * STEP : zoom / STEP;
  return Math.min(max, Math.max(1, Math.abs(next - 1) < 0.05 ? 1 : next));
}

/** Where the window on the axis begins, so that what is at `anchor` pixels stays there. */
export function scrollFor(scroll: number, anchor: number, zoom: number, next: number): number {
  return Math.max(0, ((scroll + anchor) * next) / zoom - anchor);
}

/** The distance of ticks, in milliseconds, so that each has this many pixels. */
export function tickStep(msPerPx: number, leastPx: number): number {
  const wanted = msPerPx * leastPx;
  const nice = NICE.find((seconds) => seconds * SECOND >= wanted);
  return nice === undefined ? Math.ceil(wanted / (86_400 * SECOND)) * 86_400 * SECOND : nice * SECOND;
}

/** The ticks between two moments, both counted from the beginning. */
export function ticks(fromMs: number, toMs: number, stepMs: number): number[] {
  const first = Math.ceil(fromMs / stepMs);
  const last = Math.floor(toMs / stepMs);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => (first + at) * stepMs);
}
