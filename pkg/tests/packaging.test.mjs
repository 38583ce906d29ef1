// The packed package in a clean project: it is found, typed and running wherever front-end developers work.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

import { openBrowser, serve } from "./support/pages.mjs";
import { Processor } from "./support/processor.mjs";

const { PROJECT, PKG, TARBALL } = process.env;
const at = (...parts) => join(PROJECT, ...parts);
const modules = at("node_modules");
const DIST = "/modules/interaction-processor/dist/esm";
const run = (program, ...args) => execFileSync(program, args, { cwd: PROJECT, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const count = (url) => `
  const client = connect({ url: ${JSON.stringify(url)}, name: "packaging" });
  const roster = await client.teamStatus("1001").ready();
  const size = [...roster.members()].length;
  client.close();`;

let pages, processor, browser;
before(async () => {
  pages = await serve({ "/modules/": modules, "/built/": at("built") }, {});
  processor = await Processor.start({ origin: pages.origin });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await processor?.stop();
  pages?.close();
  assert.deepEqual(browser?.errors, []);
});

test("the types are those of docs/schema", () => {
  execFileSync(process.execPath, ["scripts/types.mjs", "--check"], { cwd: PKG, stdio: "inherit" });
});

test("it is small", () => {
  const wasm = readFileSync(at("node_modules/interaction-processor/dist/desk.wasm"));
  const [packed, desk] = [statSync(TARBALL).size, brotliCompressSync(wasm).length];
  console.log(`tarball ${packed} bytes, desk.wasm ${desk} bytes by brotli`);
  assert.ok(packed <= 1_500_000, `the tarball has ${packed} bytes`);
  assert.ok(desk <= 120_000, `desk.wasm has ${desk} bytes by brotli`);
});

test("Node imports it, and a program that closed its client ends", () => {
  const code = `import { connect } from "interaction-processor";${count(processor.directUrl)} console.log(size);`;
  assert.equal(run(process.execPath, "--input-type=module", "-e", code).trim(), "11");
});

test("Node requires it", () => {
  const code = `const { connect } = require("interaction-processor"); (async () => {${count(processor.directUrl)} console.log(size); })();`;
  assert.equal(run(process.execPath, "--input-type=commonjs", "-e", code).trim(), "11");
});

test("/slim takes the bytes of /wasm", () => {
  for (const [type, begin] of [
    ["module", `import { readFileSync } from "node:fs"; import { createRequire } from "node:module";
       import * as slim from "interaction-processor/slim";
       const require = createRequire(${JSON.stringify(at("x.js"))});`],
    ["commonjs", `const { readFileSync } = require("node:fs"); const slim = require("interaction-processor/slim");`],
  ]) {
    const code = `${begin}
      try { slim.connect({ url: "ws://127.0.0.1:1/" }); } catch (error) { console.log(error.code); }
      slim.init(readFileSync(require.resolve("interaction-processor/wasm")));
      const client = slim.connect({ url: "ws://127.0.0.1:1/" });
      console.log(client.connection.state);
      client.close();`;
    assert.match(run(process.execPath, `--input-type=${type}`, "-e", code), /^client\.notready\nconnecting\n$/);
  }
});

test("its types hold under every resolution of modules", () => {
  const source = `
import { connect, init, type Client, type Member, type ProcessorError } from "interaction-processor";
export async function show(): Promise<void> {
  await init();
  using client: Client = connect({ url: "wss://x/v1/ws", name: "x", token: async () => "t" });
  using roster = client.teamStatus("1001");
  for await (const { teams } of roster) for (const team of teams.values()) team.members.forEach((member: Member) => member.state === "ready");
  const session = await client.prepareSession({ agentId: "1", password: "2", confirm: ({ message, calls }) => calls === 0 && message !== "" });
  session.on("interaction.created", ({ data }) => data.interaction.callId.length);
  session.on("state.updated", ({ state, data }) => state === "HELD" && data[0]?.type === "enable");
  await session.request("conversation.dtmf", "target", { digits: "1" });
  await session.request("conversation.answer", "target");
  // @ts-expect-error: digits are wanted
  await session.request("conversation.dtmf", "target");
  // @ts-expect-error: no such command
  await session.request("conversation.sing", "target");
  // @ts-expect-error: no such event
  session.on("interaction.sung", () => {});
  // @ts-expect-error: no such state
  session.on("state.updated", ({ state }) => state === "SINGING");
  if (session.can("channel.ready")) await session.ready();
  for await (const event of session) if (event.name === "interaction.ended") event.data.cause?.length;
  const steps = await client.callJourney("1");
  steps[0]?.DeviceType === "Agent";
  try { await client.capabilities(); } catch (error) { (error as ProcessorError).code === "cti.unavailable"; }
}`;
  const more = `
import { connect as simulated, simulate } from "interaction-processor/simulator";
import { init as slim } from "interaction-processor/slim";
import { useTeamStatus, useSession, useConnection } from "interaction-processor/react";
export { simulated, simulate, slim, useTeamStatus, useSession, useConnection };`;
  const shared = `
import { connect as shared } from "interaction-processor/shared";
export const one = shared({ name: "tab" });`;
  mkdirSync(at("types"), { recursive: true });
  writeFileSync(at("types/check.ts"), source + more + shared);
  writeFileSync(at("types/check.cts"), source + more);
  for (const [module, resolution, files] of [
    ["esnext", "bundler", ["check.ts"]],
    ["node16", "node16", ["check.ts", "check.cts"]],
    ["nodenext", "nodenext", ["check.ts", "check.cts"]],
  ]) {
    const options = {
      strict: true, noEmit: true, target: "es2022", lib: ["es2023", "esnext.disposable", "dom"], module,
      moduleResolution: resolution, exactOptionalPropertyTypes: true, types: [],
    };
    writeFileSync(at(`types/${resolution}.json`), JSON.stringify({ compilerOptions: options, files }));
    try {
      run(process.execPath, at("node_modules/typescript/bin/tsc"), "-p", `types/${resolution}.json`);
    } catch (error) {
      assert.fail(`${resolution}:\n${error.stdout}`);
    }
  }
});

test("a plain page imports it", async () => {
  const page = await browser.open(pages.origin);
  const size = await page.evaluate(async ([module, url]) => {
    const { connect, init } = await import(module);
    await init();
    const client = connect({ url });
    return [...(await client.teamStatus("1001").ready()).members()].length;
  }, [`${DIST}/browser.js`, processor.url]);
  assert.equal(size, 11);
  await page.close();
});

test("a web worker imports it", async () => {
  const page = await browser.open(pages.origin);
  const size = await page.evaluate(([module, url]) => new Promise((done, failed) => {
    const code = `import { connect, init } from ${JSON.stringify(location.origin + module)};
      await init();
      const client = connect({ url: ${JSON.stringify(url)} });
      postMessage([...(await client.teamStatus("1001").ready()).members()].length);
      client.close();`;
    const worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })), { type: "module" });
    worker.onmessage = ({ data }) => done(data);
    worker.onerror = (event) => failed(new Error(event.message));
  }), [`${DIST}/browser.js`, processor.url]);
  assert.equal(size, 11);
  await page.close();
});

test("Vite bundles it, the shared worker and the engine's bytes with it", async () => {
  mkdirSync(at("vite"), { recursive: true });
  writeFileSync(at("vite/index.html"), `<!doctype html><title>loading</title><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>`);
  writeFileSync(at("vite/main.js"), `import { connect, init } from "interaction-processor";
import { connect as share } from "interaction-processor/shared";
const url = new URLSearchParams(location.search).get("url");
await init();
const sizes = [];
for (const client of [connect({ url }), share({ url })]) {
  sizes.push([...(await client.teamStatus("1001").ready()).members()].length);
  client.close();
}
document.title = sizes.join();`);
  const { build } = await import("vite");
  await build({ root: at("vite"), base: "./", logLevel: "warn", build: { outDir: at("built"), emptyOutDir: true, target: "es2022" }, worker: { format: "es" } });
  const page = await browser.open(`${pages.origin}/built/?url=${encodeURIComponent(processor.url)}`);
  await page.waitForFunction(() => document.title !== "loading");
  assert.equal(await page.title(), "11,11");
  await page.close();
});

test("what it exports is there", () => {
  const { exports } = JSON.parse(readFileSync(at("node_modules/interaction-processor/package.json"), "utf8"));
  const files = (value) => (typeof value === "string" ? [value] : Object.entries(value).flatMap(([condition, inner], place) => {
    if (condition === "types") assert.equal(place, 0, "`types` comes first");
    return files(inner);
  }));
  for (const file of files(exports)) statSync(at("node_modules/interaction-processor", file));
  const require = createRequire(at("x.js"));
  assert.match(fileURLToPath(new URL(`file://${require.resolve("interaction-processor/wasm")}`)), /desk\.wasm$/);
});
