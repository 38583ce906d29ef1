/** Stands between frames that go into the engine together: no JSON has it. */
const BETWEEN_FRAMES = "\u001e";
/** For how long changes that come thick are gathered: as long as one picture on a screen lasts. */
const GATHER_MS = 16;
/** How many frames, and how many characters, are gathered at most. */
const FRAMES_MAX = 256;
const CHARS_MAX = 65_536;
/** What a report's event says of itself, and within how many characters of its frame. */
const REPORT = '"event":{"name":"report.';
const REPORT_WITHIN = 256;

/**
 * The way of frames into the engine. Most of what a frame costs a page it costs however short it is, so changes of rosters,
 * queues and journeys that come thick go in together, and in order; anything else goes in at once, behind what was gathered.
 */
export class Intake {
  readonly #hand: (attempt: number, frames: string) => void;
  #frames: string[] = [];
  #chars = 0;
  /** Whose frames they are. */
  #attempt = 0;
  #handedAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Where the last frame of a report said so: the next one most likely says it there, too. */
  #reportAt = 0;

  /** `hand` is given frames of one socket, as the engine's `texts` takes them. */
  constructor(hand: (attempt: number, frames: string) => void) {
    this.#hand = hand;
  }

  /** A frame came on the socket of this attempt. */
  take(attempt: number, frame: string): void {
    if (attempt !== this.#attempt) this.flush();
    this.#attempt = attempt;
    this.#frames.push(frame);
    this.#chars += frame.length;
    if (!this.#mayWait(frame) || this.#frames.length >= FRAMES_MAX || this.#chars >= CHARS_MAX) return this.flush();
    if (this.#timer !== undefined) return;
    // The first after a rest does not wait.
    const wait = this.#handedAt + GATHER_MS - performance.now();
    if (wait <= 0) this.flush();
    else this.#timer = setTimeout(() => this.flush(), wait);
  }

  /** Hands over what was gathered: before the engine hears anything else. */
  flush(): void {
    if (this.#frames.length === 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const frames = this.#frames.join(BETWEEN_FRAMES);
    this.#frames = [];
    this.#chars = 0;
    this.#handedAt = performance.now();
    this.#hand(this.#attempt, frames);
  }

  #mayWait(frame: string): boolean {
    if (!frame.startsWith(REPORT, this.#reportAt)) {
      const at = frame.slice(0, REPORT_WITHIN).indexOf(REPORT);
      if (at < 0) return false;
      this.#reportAt = at;
    }
    // A hidden page's timers are late by seconds.
    return globalThis.document?.visibilityState !== "hidden";
  }
}
