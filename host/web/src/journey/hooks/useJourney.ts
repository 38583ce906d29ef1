// One call's journey: followed while it runs, read once where it is over.

import { useEffect, useState } from "react";
import type { CallEntry, Client, Journey, JourneyStep, ProcessorError } from "interaction-processor";

import { serverNow } from "../../data/clock";
import { grew, mayRun } from "../logic/steps";
import { asFailure } from "./failure";

/** A moment longer than a second: durations of what runs have grown by then. */
const SETTLED_MS = 1_100;
const ENTRIES = 200;
/** How long to wait before what could not be read is asked for again, where the server does not say. */
const AGAIN_MS = 5_000;

export interface Reading {
  steps: readonly JourneyStep[];
  /** Keys of the steps that run. */
  running: ReadonlySet<string>;
  /** When it was read, by the server's clock. */
  at: number;
  /** Since when nobody here knows the call any more: it stands as of then. */
  lostAt: number | undefined;
  /** Its line in the list of calls, which tells when it ended. */
  entry: CallEntry | undefined;
}

export interface JourneyState {
  reading: Reading | undefined;
  failure: ProcessorError | undefined;
}

const NONE: JourneyState = { reading: undefined, failure: undefined };

/** The journey of a call, by the id of any of its legs. */
export function useJourney(client: Client | undefined, callId: string | undefined): JourneyState {
  const [state, setState] = useState<JourneyState & { callId: string | undefined }>({ ...NONE, callId });
  useEffect(() => {
    if (!client || callId === undefined) return undefined;
    const reader = new Reader(client, callId, (next) => setState({ ...next, callId }));
    reader.start();
    return () => reader.stop();
  }, [client, callId]);
  return state.callId === callId ? state : NONE;
}

/** Reads a journey until it is final. */
class Reader {
  #state: JourneyState = NONE;
  #journey: Journey | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the connection was lost the last time. */
  #awaySince = 0;
  readonly #over = new AbortController();

  constructor(readonly client: Client, readonly callId: string, readonly tell: (state: JourneyState) => void) {}

  start(): void {
    // After a refusal, or a link that began anew after the call had ended, it is looked for again.
    this.client.on("resnapshotted", () => this.#journey?.ended && this.#follow(), this.#over);
    this.client.on("connection", (connection) => {
      if (connection.state === "live") {
        if (this.#state.failure) this.#follow();
      } else if ("since" in connection) this.#awaySince = connection.since;
    }, this.#over);
    this.client.on("services", () => this.#state.failure?.code === "cti.unavailable" && this.#follow(), this.#over);
    this.#follow();
  }

  stop(): void {
    this.#over.abort();
    clearTimeout(this.#timer);
    this.#journey?.close();
  }

  #follow(): void {
    this.#journey?.close();
    const journey = this.client.followCall(this.callId);
    this.#journey = journey;
    const show = () => {
      if (this.#journey !== journey || journey.version === 0) return;
      this.#put(journey.steps, mayRun(journey.steps, serverNow() - SETTLED_MS));
      this.#settle();
    };
    journey.on("change", show, this.#over);
    journey.on("ended", (ended) => {
      if (this.#journey !== journey || ended?.why === "closed") return;
      // One that is over is known by the store, and no more told of than asked for.
      void this.#read(true);
    }, this.#over);
    show();
  }

  #put(steps: readonly JourneyStep[], running: ReadonlySet<string>): void {
    if (this.#over.signal.aborted) return;
    const entry = this.#state.reading?.entry;
    this.#state = { reading: { steps, running, at: serverNow(), lostAt: undefined, entry }, failure: undefined };
    this.tell(this.#state);
  }

  /** Looks once more when durations have grown: only then is known which steps run. */
  #settle(): void {
    clearTimeout(this.#timer);
    const shown = this.#journey?.version;
    this.#timer = setTimeout(async () => {
      await this.#read(false);
      // Meanwhile it moved.
      if (shown !== this.#journey?.version) this.#settle();
    }, SETTLED_MS);
  }

  async #read(isFinal: boolean): Promise<void> {
    const { signal } = this.#over;
    const before = this.#state.reading;
    try {
      const steps = await this.client.callJourney(this.callId, { signal });
      const isSame = before !== undefined && before.steps.length === steps.length && !isFinal;
      const running = isFinal ? new Set<string>() : isSame ? grew(before.steps, steps) : mayRun(steps, serverNow());
      this.#put(steps, running);
      await this.#findEntry(steps, signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#failed(asFailure(error), before);
    }
  }

  /** What was shown stays shown, unless it is no longer permitted. */
  #failed(failure: ProcessorError, before: Reading | undefined): void {
    const isForgotten = failure.code === "call.unknown";
    const lostAt = isForgotten && before ? Math.max(before.at, this.#awaySince) : undefined;
    const reading = failure.code === "access.denied" || before === undefined ? undefined : { ...before, lostAt };
    this.#state = { reading, failure };
    this.tell(this.#state);
    if (isForgotten || failure.code === "access.denied") return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#follow(), failure.retryAfterMs ?? AGAIN_MS);
  }

  /** When it ended, and who called, stand in the list of calls alone; without the right to that list it does without. */
  async #findEntry(steps: readonly JourneyStep[], signal: AbortSignal): Promise<void> {
    const legs = new Set(steps.map(({ CallId }) => CallId));
    const numbers = new Set(steps.filter(({ DeviceType }) => DeviceType !== "CSQ" && DeviceType !== "IVR").map(({ Device }) => Device));
    for (const number of [...numbers].slice(0, 3)) {
      const calls = await this.client.recentCalls({ number, limit: ENTRIES }, { signal }).catch(() => []);
      const entry = calls.find(({ CallId }) => legs.has(CallId) || CallId === this.callId);
      if (entry === undefined) continue;
      const { reading } = this.#state;
      if (signal.aborted || reading === undefined) return;
      this.#state = { ...this.#state, reading: { ...reading, entry } };
      return this.tell(this.#state);
    }
  }
}
