// The lines of the log, and who keeps them.

export interface Entry {
  id: number;
  at: number;
  /** Who did it. */
  actor: string;
  text: string;
  tone: "plain" | "away" | "alarm";
}

/** What is kept; older lines go. */
const KEPT = 60;

export class Entries {
  all: readonly Entry[] = [];
  #last = 0;
  readonly #listeners = new Set<() => void>();

  add(entry: Omit<Entry, "id">): void {
    this.#show([{ ...entry, id: ++this.#last }, ...this.all].slice(0, KEPT));
  }

  clear(): void {
    this.#show([]);
  }

  #show(all: readonly Entry[]): void {
    this.all = all;
    for (const listener of this.#listeners) listener();
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  };
}
