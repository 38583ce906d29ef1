// For Node, Bun and Deno: ready at once.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { provide } from "./engine.js";
import { webSockets } from "./transport.js";
import { Desk, initSync } from "./wasm/desk.js";

export * from "./api.js";

initSync({ module: readFileSync(new URL("../desk.wasm", import.meta.url)) });
// Node has WebSocket of its own since version 22.
provide(Desk, webSockets(() => globalThis.WebSocket ?? createRequire(import.meta.url)("ws")));

/** Does nothing here: for code that runs in browsers too. */
export async function init(): Promise<void> {}
