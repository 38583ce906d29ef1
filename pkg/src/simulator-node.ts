// The simulated contact centre for Node, Bun and Deno: ready at once.

import { readFileSync } from "node:fs";

import { provide } from "./engine.js";
import { provideCentre } from "./simulator.js";
import { Centre, Desk, initSync } from "./wasm/simulator.js";

export * from "./api.js";
export { SimulatedCentre, connect, simulate } from "./simulator.js";
export type { SimulateOptions, SimulatedOptions } from "./simulator.js";

initSync({ module: readFileSync(new URL("../simulator.wasm", import.meta.url)) });
provide(Desk);
provideCentre(Centre);

/** Does nothing here: for code that runs in browsers too. */
export async function init(): Promise<void> {}
