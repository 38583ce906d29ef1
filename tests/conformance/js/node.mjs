// node node.mjs WASM: plays the portions that come on standard input, in Node.

import { createRequire } from "node:module";
import { join, resolve } from "node:path";

import { answer } from "./play.mjs";
import { portions, tell } from "./portions.mjs";

const engine = createRequire(import.meta.url)(join(resolve(process.argv[2]), "engine.js"));
for await (const { script, isWhole } of portions()) {
  await tell(await answer(engine, script, isWhole));
}
