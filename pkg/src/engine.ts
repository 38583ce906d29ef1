import { failure } from "./errors.js";
import { webSockets } from "./transport.js";
import type { Transport } from "./transport.js";
import type { Desk, DeskConfig, DeskFailure } from "./wasm/desk.js";

/** The class that an entry point made ready. */
type DeskClass = new (config: string, seed: number, now: number) => Desk;

let ready: DeskClass | undefined;
let sockets: Transport = webSockets();
let last = 0;
/** How far the platform's clock was set back. */
let behind = 0;

/** Entry points call this when the engine's bytes are compiled; `transport` is what this platform has instead of WebSocket. */
export function provide(desk: DeskClass, transport?: Transport): void {
  ready = desk;
  if (transport) sockets = transport;
}

/** What carries frames where nothing else is asked for. */
export function usualTransport(): Transport {
  return sockets;
}

/** Milliseconds since 1970, counting sleep. Where the platform's clock is set back it goes on from where it was. */
export function now(): number {
  const told = Date.now();
  behind = Math.max(behind, last - told);
  return (last = told + behind);
}

/** A desk engine that is not started. */
export function newDesk(config: DeskConfig): Desk {
  if (!ready) throw failure("client.notready", "The engine is not there yet: `await init()` first.");
  const [high, low] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number];
  try {
    return new ready(JSON.stringify(config), (high & 0x1fffff) * 2 ** 32 + low, now());
  } catch (error) {
    const { code, message } = error as DeskFailure;
    throw code === "config.invalid" ? failure(code, message) : error;
  }
}

/** Loads once, however often it is asked to; after a failure anew. */
export function once<Source>(load: (source: Source) => Promise<void>): (source: Source) => Promise<void> {
  let loading: Promise<void> | undefined;
  return (source) =>
    (loading ??= load(source).catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));
}
