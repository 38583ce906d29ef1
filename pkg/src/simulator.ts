/// <reference lib="esnext.disposable" preserve="true" />

import type { Client, ConnectOptions } from "./client.js";
import { connect as connectTo } from "./connect.js";
import { now } from "./engine.js";
import { failure } from "./errors.js";
import type { Socket, SocketEvents, Transport } from "./transport.js";
import type { Centre, CentreFailure } from "./wasm/simulator.js";

/** What entry points export beside the usual API. */
export { connect, simulate, SimulatedCentre };
export type { SimulateOptions, SimulatedOptions };

interface SimulateOptions {
  /** `small` (60 agents), `large`, or the text of a scenario file. Default: `small`. */
  scenario?: "small" | "large" | (string & {});
  /** How many times faster than life it runs. */
  speed?: number;
  /** The same seed, the same day; drawn where it is left out. */
  seed?: number;
}

interface SimulatedOptions extends Omit<ConnectOptions, "url" | "transport"> {
  centre: SimulatedCentre;
}

type Told = { socket: number } & ({ text: string } | { code: number; reason: string });

type CentreClass = new (scenario: string, speed: number | undefined, config: string, seed: number, now: number) => Centre;

let made: CentreClass | undefined;

/** @internal Entry points call this when the module is compiled. */
export function provideCentre(centre: CentreClass): void {
  made = centre;
}

/** A contact centre of its own: agents, supervisors, queues, callers, and the processor. Everybody's password is the id. */
function simulate(options: SimulateOptions = {}): SimulatedCentre {
  return new SimulatedCentre(options);
}

/** The same as that of the main entry, to a simulated centre. */
function connect({ centre, ...options }: SimulatedOptions): Client {
  if (!(centre instanceof SimulatedCentre)) throw failure("config.invalid", "`centre` is missing: make one with `simulate()`.");
  return connectTo({ ...options, url: "ws://simulated/v1/ws", transport: centre.transport });
}

class SimulatedCentre implements Disposable {
  /** Carries the frames of clients, without a network. */
  readonly transport: Transport = { open: (_, events) => this.#open(events) };
  readonly #centre: Centre;
  readonly #sockets = new Map<number, SocketEvents>();
  #lastSocket = 0;
  #told: Told[] = [];
  #isCut = false;
  #isClosed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @internal */
  constructor({ scenario = "small", speed, seed = crypto.getRandomValues(new Uint32Array(1))[0] as number }: SimulateOptions) {
    if (!made) throw failure("client.notready", "The simulator is not there yet: `await init()` first.");
    try {
      this.#centre = new made(scenario, speed, "{}", seed, now());
    } catch (error) {
      throw failure("config.invalid", (error as CentreFailure).message, error);
    }
    this.#arm();
  }

  /** Cuts every connection, as a network does that fails; none can be made until `restore`. */
  cut(): void {
    this.#isCut = true;
    for (const socket of [...this.#sockets.keys()]) this.#lose(socket);
  }

  restore(): void {
    this.#isCut = false;
  }

  /** Ends the centre, and every connection to it. */
  close(): void {
    if (this.#isClosed) return;
    this.cut();
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#centre.free();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(events: SocketEvents): Socket {
    const socket = ++this.#lastSocket;
    queueMicrotask(() => {
      if (this.#isCut) return events.closed(1006, "the simulated network is cut");
      this.#sockets.set(socket, events);
      this.#do(() => this.#centre.open(now(), socket));
      events.opened();
    });
    return {
      send: (text) => this.#sockets.has(socket) && this.#do(() => this.#centre.text(now(), socket, text)),
      close: (code, reason) => {
        if (!this.#sockets.delete(socket)) return;
        this.#do(() => this.#centre.close(now(), socket));
        queueMicrotask(() => events.closed(code, reason));
      },
    };
  }

  #lose(socket: number): void {
    const events = this.#sockets.get(socket);
    this.#sockets.delete(socket);
    this.#do(() => this.#centre.close(now(), socket));
    queueMicrotask(() => events?.closed(1006, "the simulated network is cut"));
  }

  /** Steps the centre. What clients hear of it comes later, as from a network. */
  #do(step: () => string): void {
    if (this.#isClosed) return;
    const told = step();
    if (told !== "") {
      if (this.#told.length === 0) queueMicrotask(() => this.#deliver());
      this.#told.push(...(JSON.parse(told) as Told[]));
    }
    this.#arm();
  }

  #deliver(): void {
    const all = this.#told;
    this.#told = [];
    for (const told of all) {
      const events = this.#sockets.get(told.socket);
      if ("text" in told) events?.text(told.text);
      else if (this.#sockets.delete(told.socket)) events?.closed(told.code, told.reason);
    }
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const at = this.#centre.nextTimeout();
    if (at === undefined) return;
    this.#timer = setTimeout(() => this.#do(() => this.#centre.tick(now())), Math.min(Math.max(at - now(), 0), 2 ** 31 - 1));
  }
}
