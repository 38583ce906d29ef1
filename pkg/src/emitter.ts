import { failure, report } from "./errors.js";

export interface ListenOptions {
  /** Takes the listener away when it is aborted. */
  signal?: AbortSignal;
  /** Takes it away after the first event. */
  once?: boolean;
}

/** What an iterator keeps for a reader who is slower than events come: a minute of a busy session. */
const WAITING_MAX = 10_000;

/** Typed events with listeners. What a listener throws stops nothing: it is reported, and others hear the event all the same. */
export class Emitter<Events> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();

  /** Calls `listener` with every event of this name; returns what takes it away again. */
  on<Name extends keyof Events>(
    name: Name, listener: (event: Events[Name]) => void, options: ListenOptions = {},
  ): () => void {
    if (typeof listener !== "function") throw new TypeError(`the listener of ${String(name)} is no function`);
    if (options.signal?.aborted) return () => {};
    // Wrapped, so that one function may listen twice and each is taken away alone.
    const heard = (event: Events[Name]) => {
      if (options.once) off();
      return listener(event);
    };
    const off = () => {
      this.#listeners.get(name)?.delete(heard);
      options.signal?.removeEventListener("abort", off);
    };
    let named = this.#listeners.get(name);
    if (!named) this.#listeners.set(name, (named = new Set()));
    named.add(heard);
    options.signal?.addEventListener("abort", off);
    return off;
  }

  /** @internal */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    const listeners = this.#listeners.get(name);
    if (!listeners) return;
    for (const listener of [...listeners]) {
      try {
        const result: unknown = listener(event as never);
        if (result instanceof Promise) result.catch((error: unknown) => threw(name, error));
      } catch (error) {
        threw(name, error);
      }
    }
  }
}

function threw(name: PropertyKey, error: unknown): void {
  report(failure("client.listener", `A listener of ${String(name)} threw.`, error));
}

/** A queue between whoever tells and whoever iterates. */
export class Stream<Item> implements AsyncIterableIterator<Item> {
  readonly #waiting: Item[] = [];
  #wanted: { resolve(result: IteratorResult<Item>): void; reject(error: unknown): void }[] = [];
  #end: { error?: unknown } | undefined;
  readonly #left: () => void;

  /** `left` is called once, when nobody iterates any more. */
  constructor(left: () => void, signal?: AbortSignal) {
    this.#left = left;
    if (signal?.aborted) this.end();
    else signal?.addEventListener("abort", () => this.end(), { once: true });
  }

  push(item: Item): void {
    if (this.#end) return;
    const wanted = this.#wanted.shift();
    if (wanted) wanted.resolve({ done: false, value: item });
    else if (this.#waiting.length < WAITING_MAX) this.#waiting.push(item);
    else this.end(failure("client.overflow", `More than ${WAITING_MAX} events wait to be read: read faster, or listen.`));
  }

  /** Whether the reader has not taken everything yet. */
  get isBehind(): boolean {
    return this.#waiting.length > 0;
  }

  end(error?: unknown): void {
    if (this.#end) return;
    this.#end = error === undefined ? {} : { error };
    for (const { resolve, reject } of this.#wanted) {
      if (error === undefined) resolve({ done: true, value: undefined });
      else reject(error);
    }
    this.#wanted = [];
    this.#left();
  }

  next(): Promise<IteratorResult<Item>> {
    if (this.#waiting.length > 0) return Promise.resolve({ done: false, value: this.#waiting.shift() as Item });
    if (this.#end) {
      const { error } = this.#end;
      // Told once; whoever asks again hears that it is over.
      this.#end = {};
      return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error);
    }
    return new Promise((resolve, reject) => this.#wanted.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<Item>> {
    this.#waiting.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
