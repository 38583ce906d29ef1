// For pages: all tabs of one origin share one link, which lives in a SharedWorker.

import { Client } from "./client.js";
import type { ConnectOptions } from "./client.js";
import { configuration } from "./connect.js";
import { failure } from "./errors.js";
import type { Link, Told } from "./link.js";
import type { ToTab, ToWorker } from "./shared-protocol.js";

export * from "./api.js";

export interface SharedOptions extends Omit<ConnectOptions, "transport"> {
  /** The worker, where the bundler does not find `interaction-processor/shared/worker` by itself. */
  worker?: SharedWorker;
  /** Where the engine's bytes are, for the same case. */
  wasm?: string | URL;
}

/**
 * Joins the link of this origin's other tabs to the same server, or opens it. Sessions that another tab prepared are there,
 * too. The link outlives the reload or the crash of a tab; when the last one is gone it ends.
 */
export function connect(options: SharedOptions = {}): Client {
  // Locks tell the worker which tabs are gone, and pages without TLS have none.
  if (!globalThis.isSecureContext) throw failure("config.invalid", "Tabs share a link on `https:` or localhost only: use the main entry point.");
  // Where browsers know `extendedLifetime` the worker outlives the reload of the only tab, too.
  const worker = options.worker ??
    new SharedWorker(new URL("./shared-worker.js", import.meta.url), { type: "module", extendedLifetime: true } as WorkerOptions);
  return new Client((tell) => join(worker, options, tell), options.signal);
}

function join(worker: SharedWorker, options: SharedOptions, tell: (told: Told) => void): Link {
  const { port } = worker;
  const say = (message: ToWorker) => port.postMessage(message);
  const hear = async (message: ToTab) => {
    if (message.kind !== "wantToken") return tell(message);
    try {
      const { token } = options;
      say({ kind: "token", token: (await (typeof token === "function" ? token() : token)) ?? null });
    } catch (error) {
      say({ kind: "tokenFailed", why: error instanceof Error ? error.message : String(error) });
    }
  };
  port.onmessage = ({ data }: MessageEvent<ToTab[]>) => {
    for (const message of data) void hear(message);
  };
  worker.onerror = () => {
    const message = "The shared worker could not be loaded: serve `interaction-processor/shared/worker` to this page.";
    tell({ kind: "connection", state: "refused", since: Date.now(), failure: { code: "client.broken", message, context: "" } });
  };
  const over = new AbortController();
  const lock = `interaction-processor ${crypto.randomUUID()}`;
  // Held until the tab leaves, reloads or crashes: then the worker gets it, and knows.
  const held = new Promise<void>((release) => over.signal.addEventListener("abort", () => release()));
  const config = configuration(options as ConnectOptions);
  void navigator.locks.request(lock, () => {
    if (!over.signal.aborted) say({ kind: "attach", config, lock, wasm: options.wasm?.toString() });
    return held;
  });
  return {
    call: (call, request) => say({ kind: "call", call, request }),
    cancel: (call) => say({ kind: "cancel", call }),
    watch: (mirror, key) => say({ kind: "watch", mirror, key }),
    unwatch: (mirror, key) => say({ kind: "unwatch", mirror, key }),
    retry: () => say({ kind: "retry" }),
    leave: () => {
      say({ kind: "leave" });
      over.abort();
      port.onmessage = null;
    },
  };
}
