// For browsers, their workers, and bundlers: `await init()` once, before anything else.

import { once, provide } from "./engine.js";
import initialise, { Desk } from "./wasm/desk.js";

export * from "./api.js";

/** Where the engine's bytes are: an address, an answer, bytes, or a module compiled already. */
export type EngineSource = string | URL | Response | PromiseLike<Response> | BufferSource | WebAssembly.Module;

const load = once(async (source: EngineSource) => {
  await initialise({ module_or_path: source as RequestInfo });
  provide(Desk);
});

/** Loads the engine; once, however often it is called. After a failure it may be tried again. */
export function init(source: EngineSource = new URL("../desk.wasm", import.meta.url)): Promise<void> {
  return load(source);
}
