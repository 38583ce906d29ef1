// node node.mjs WASM SCRIPT ANSWERS: plays a script in Node.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

import { play } from "./play.mjs";

const [wasm, script, answers] = process.argv.slice(2);
const engine = createRequire(import.meta.url)(join(resolve(wasm), "engine.js"));
writeFileSync(answers, play(engine, readFileSync(script)));
