// node measure.mjs WASM FILE: plays the file's inputs on the engine for each line on standard input, and says how many
// nanoseconds that took and how many bytes came of it.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const [, , wasm, file] = process.argv;
const { Engine } = createRequire(import.meta.url)(join(resolve(wasm), "engine.js"));
const bytes = readFileSync(file);
let at = 0;
const u32 = () => bytes.readUInt32LE((at += 4) - 4);
const u64 = () => bytes.readBigUInt64LE((at += 8) - 8);
const take = () => bytes.subarray(at + 4, (at += 4 + bytes.readUInt32LE(at)));
const plays = [];
while (at < bytes.length) {
  const [config, seed, now] = [take().toString(), u64(), u64()];
  // As a host has them: each in a buffer of its own.
  plays.push({ config, seed, now, batches: Array.from({ length: u32() }, () => new Uint8Array(take())) });
}
console.log("ready");
for await (const _ of createInterface({ input: process.stdin })) {
  let [took, told] = [0n, 0];
  for (const { config, seed, now, batches } of plays) {
    const engine = new Engine(config, seed, now);
    const begun = process.hrtime.bigint();
    for (const batch of batches) told += engine.step(batch).length;
    took += process.hrtime.bigint() - begun;
    engine.free();
  }
  console.log(`${took} ${told}`);
}
