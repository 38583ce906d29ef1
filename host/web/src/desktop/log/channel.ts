// What tabs of one browser tell each other: that they are there, and what they do.

const CHANNEL = "interaction-processor.desktop";

export type TabMessage =
  /** A desktop is here; the lock is held for as long as it is. */
  | { kind: "hello" | "here"; lock: string }
  | { kind: "did"; session: string; command: string; target: string };

/** What a desktop tells the others of its browser. */
export interface Telling {
  tell(message: TabMessage): void;
}

/** The desktops in this browser. */
export class Tabs implements Telling {
  /** How many other desktops there are. */
  others = 0;
  readonly #channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(CHANNEL) : undefined;
  readonly #lock = `${CHANNEL} ${Math.random().toString(36).slice(2)}`;
  readonly #known = new Set<string>();
  readonly #over = new AbortController();
  readonly #changed: () => void;

  constructor(changed: () => void, heard: (message: TabMessage) => void) {
    this.#changed = changed;
    if (!this.#channel) return;
    this.#channel.onmessage = ({ data }: MessageEvent<TabMessage>) => {
      if (data.kind === "hello" || data.kind === "here") this.#meet(data);
      else heard(data);
    };
    // Without locks, as in pages without TLS, nobody could say when another is gone.
    if (!("locks" in navigator)) return;
    const released = new Promise<void>((release) => this.#over.signal.addEventListener("abort", () => release()));
    void navigator.locks.request(this.#lock, () => {
      if (this.#over.signal.aborted) return undefined;
      this.tell({ kind: "hello", lock: this.#lock });
      return released;
    });
  }

  tell(message: TabMessage): void {
    if (!this.#over.signal.aborted) this.#channel?.postMessage(message);
  }

  close(): void {
    this.#over.abort();
    this.#channel?.close();
  }

  #meet({ kind, lock }: Extract<TabMessage, { lock: string }>): void {
    if (kind === "hello") this.tell({ kind: "here", lock: this.#lock });
    if (this.#known.has(lock) || lock === this.#lock) return;
    this.#known.add(lock);
    this.#count();
    // It is got when the other tab is closed, reloads or crashes.
    navigator.locks.request(lock, { signal: this.#over.signal }, () => {
      this.#known.delete(lock);
      this.#count();
    }).catch(() => {});
  }

  #count(): void {
    this.others = this.#known.size;
    this.#changed();
  }
}
