// Without a way to the engine's bytes: whoever uses this brings them, from `interaction-processor/wasm` or elsewhere.

import { provide } from "./engine.js";
import { Desk, initSync } from "./wasm/desk.js";

export * from "./api.js";

/** Makes the engine ready, of its bytes or of a module compiled already. */
export function init(engine: BufferSource | WebAssembly.Module): void {
  initSync({ module: engine });
  provide(Desk);
}
