// The simulated contact centre for browsers: `await init()` once, before anything else.

import type { EngineSource } from "./browser.js";
import { once, provide } from "./engine.js";
import { provideCentre } from "./simulator.js";
import initialise, { Centre, Desk } from "./wasm/simulator.js";

export * from "./api.js";
export { SimulatedCentre, connect, simulate } from "./simulator.js";
export type { SimulateOptions, SimulatedOptions } from "./simulator.js";

const load = once(async (source: EngineSource) => {
  await initialise({ module_or_path: source as RequestInfo });
  provide(Desk);
  provideCentre(Centre);
});

/** Loads the simulator; once, however often it is called. After a failure it may be tried again. */
export function init(source: EngineSource = new URL("../simulator.wasm", import.meta.url)): Promise<void> {
  return load(source);
}
