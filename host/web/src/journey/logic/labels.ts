// Where the words of bars stand: inside where they fit, else beside, else nowhere (the tip and the table have them all).

export interface Box {
  /** Left and right edge of a bar, in pixels, as far as it can be seen. */
  from: number;
  to: number;
  /** What it may say, the longest first. */
  texts: readonly string[];
  /** What it says where none of these fits inside: it means nothing elsewhere. */
  short?: string | undefined;
  /** A mark has no inside. */
  isMark?: boolean;
}

export interface Label {
  /** Which box it is of. */
  box: number;
  text: string;
  x: number;
  isInside: boolean;
}

const PAD = 6;
const GAP = 4;

/** The labels of the bars of one row, within `left` and `width`; none overlaps another or a bar it is not of. */
export function labels(boxes: readonly Box[], left: number, width: number, measure: (text: string) => number): Label[] {
  const found: Label[] = [];
  let taken = left;
  boxes.forEach((box, at) => {
    const room = box.to - box.from - 2 * PAD;
    const inside = box.isMark ? undefined : [...box.texts, ...(box.short === undefined ? [] : [box.short])].find((text) => measure(text) <= room);
    if (inside !== undefined) {
      found.push({ box: at, text: inside, x: box.from + PAD, isInside: true });
      taken = box.to;
      return;
    }
    const next = boxes[at + 1]?.from ?? width;
    const free = next - box.to - 2 * GAP;
    const right = box.to >= taken && box.to >= left ? box.texts.find((text) => measure(text) <= free) : undefined;
    if (right !== undefined) {
      found.push({ box: at, text: right, x: box.to + GAP, isInside: false });
      taken = box.to + GAP + measure(right);
      return;
    }
    const before = box.from - GAP - Math.max(taken, boxes[at - 1]?.to ?? left) - GAP;
    const ahead = box.texts.find((text) => measure(text) <= before);
    if (ahead !== undefined) found.push({ box: at, text: ahead, x: box.from - GAP - measure(ahead), isInside: false });
    taken = Math.max(taken, box.to);
  });
  return found;
}

/** As much of a text as fits, with an ellipsis where something is left out. */
export function shortened(text: string, room: number, measure: (text: string) => number): string {
  if (measure(text) <= room) return text;
  const letters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  let [fits, tooMany] = [0, letters.length];
  while (fits + 1 < tooMany) {
    const middle = (fits + tooMany) >> 1;
    if (measure(`${letters.slice(0, middle).join("")}…`) <= room) fits = middle;
    else tooMany = middle;
  }
  return fits === 0 ? "…" : `${letters.slice(0, fits).join("").trimEnd()}…`;
}

/** A name of any script among words of this page: its direction stays its own. */
export function isolated(name: string): string {
  return `\u2068${name.replaceAll(/[\u2066-\u2069\u202a-\u202e]/g, "")}\u2069`;
}
