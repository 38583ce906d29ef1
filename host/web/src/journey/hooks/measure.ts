// How wide words are, before they are drawn.

const FONT = "500 12px";
const KNOWN_MAX = 5_000;

let context: CanvasRenderingContext2D | null | undefined;
const known = new Map<string, number>();

/** The width of a text as the picture draws it, in pixels. */
export function measure(text: string): number {
  const before = known.get(text);
  if (before !== undefined) return before;
  if (context === undefined) {
    context = document.createElement("canvas").getContext("2d");
    const face = getComputedStyle(document.documentElement).getPropertyValue("--face");
    if (context) context.font = `${FONT} ${face}`;
  }
  // Without a canvas: wide letters, so that nothing overlaps.
  const width = context ? Math.ceil(context.measureText(text).width) : text.length * 9;
  if (known.size > KNOWN_MAX) known.clear();
  known.set(text, width);
  return width;
}
