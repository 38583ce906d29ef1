// node bench/run.mjs: measures the package as it is packed, beside what it promises. WORK, CHROMIUM, INTERACTION_WASM as for the tests.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

import { AGENTS, FakeLink } from "../tests/support/fake-link.mjs";
import { openBrowser, serve } from "../tests/support/pages.mjs";

const { WebSocketServer } = createRequire(import.meta.url)("ws");
const bench = dirname(fileURLToPath(import.meta.url));
const pkg = resolve(bench, "..");
const work = resolve(process.env.WORK ?? join(pkg, "../target/npm"), "bench");
const BUSY_S = 30;
const rows = [];
const tell = (what, value, unit, most) => {
  rows.push({ what, value, unit, most });
  console.log(`${what.padEnd(58)} ${value.toFixed(value < 100 ? 2 : 0).padStart(9)} ${unit.padEnd(3)} ${most === undefined ? "" : `at most ${most}`}${value > most ? "  MISSED" : ""}`);
};
const middle = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
const [packed] = JSON.parse(execFileSync("npm", ["pack", "--json", "--pack-destination", work, "--loglevel=error"], { cwd: pkg, stdio: ["ignore", "pipe", "inherit"] }));
execFileSync("tar", ["-xzf", join(work, packed.filename), "-C", work]);
const dist = join(work, "package/dist");
const brotli = (name) => brotliCompressSync(readFileSync(join(dist, name))).length / 1000;
tell("tarball", statSync(join(work, packed.filename)).size / 1000, "kB", 1_500);
tell("desk.wasm, brotli", brotli("desk.wasm"), "kB", 120);
tell("simulator.wasm, brotli", brotli("simulator.wasm"), "kB");

const READY = `
  const { readFileSync } = require("node:fs");
  const slim = require(${JSON.stringify(join(dist, "cjs/slim.js"))});
  const bytes = readFileSync(${JSON.stringify(join(dist, "desk.wasm"))});
  const begun = performance.now();
  slim.init(bytes);
  slim.connect({ url: "ws://127.0.0.1:1/" }).close();
  console.log(performance.now() - begun);`;
tell("ready in Node, the bytes being there", middle(Array.from({ length: 9 }, () => Number(execFileSync(process.execPath, ["-e", READY])))), "ms", 30);

cpSync(join(pkg, "tests/support/fake-link.mjs"), join(work, "fake-link.mjs"));
const pages = await serve({ "/": work });
const browser = await openBrowser();
const readies = [];
for (let n = 0; n < 5; n++) {
  const page = await browser.open(pages.origin);
  readies.push(await page.evaluate(async () => {
    const { init, connect } = await import("/package/dist/esm/browser.js");
    const bytes = await (await fetch("/package/dist/desk.wasm")).arrayBuffer();
    const begun = performance.now();
    await init(bytes);
    connect({ url: "ws://127.0.0.1:1/" }).close();
    return performance.now() - begun;
  }));
  await page.close();
}
tell("ready in Chromium, the bytes being there", middle(readies), "ms", 30);

// What one event costs from the frame to the listener, without a socket: each by itself, as in a hidden page, and gathered.
const page = await browser.open(pages.origin);
const [loadMs, eventUs, gatheredUs] = await page.evaluate(async ([agents]) => {
  const { init, connect } = await import("/package/dist/esm/browser.js");
  const { FakeLink } = await import("/fake-link.mjs");
  await init();
  let visibility = "hidden";
  Object.defineProperty(document, "visibilityState", { get: () => visibility });
  const loads = [], events = [], gathered = [];
  for (let round = 0; round < 7; round++) {
    let frames = [], link, hear;
    const transport = { open: (_, events) => {
      hear = events.text;
      link = new FakeLink((text) => frames.push(text));
      queueMicrotask(events.opened);
      return { send: (text) => (link.heard(text), queueMicrotask(flush)), close() {} };
    } };
    const flush = () => { const all = frames; frames = []; for (const text of all) hear(text); };
    const client = connect({ url: "ws://bench/", transport });
    await client.live();
    let loading = 0;
    const hearQuickly = hear;
    hear = (text) => { const begun = performance.now(); hearQuickly(text); loading += performance.now() - begun; };
    const roster = await client.teamStatus("1001").ready();
    while ([...roster.members()].length < agents) await new Promise((done) => setTimeout(done, 1));
    loads.push(loading);
    hear = hearQuickly;
    const COUNT = 20_000;
    let heard = 0;
    roster.on("change", () => heard++);
    for (const [how, figures] of [["hidden", events], ["visible", gathered]]) {
      visibility = how;
      heard = 0;
      for (let n = 0; n < COUNT; n++) link.change();
      const all = frames;
      frames = [];
      const begun = performance.now();
      for (const text of all) hear(text);
      figures.push(((performance.now() - begun) / heard) * 1000);
      // The last of them wait for their moment.
      if (how === "visible") await new Promise((done) => setTimeout(done, 100));
      if (heard !== COUNT) throw new Error(`${heard} of ${COUNT} events were heard`);
    }
    visibility = "hidden";
    client.close();
  }
  const middle = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  return [middle(loads), middle(events), middle(gathered)];
}, [AGENTS]);
tell(`a roster of ${AGENTS} agents is loaded in Chromium`, loadMs, "ms", 100);
tell("one event applied in Chromium", eventUs, "µs", 20);
tell("one event applied in Chromium, of many at once", gatheredUs, "µs");
await page.close();

// A thousand changes a second over a socket, each shown in the page.
const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
await new Promise((done) => server.once("listening", done));
let live;
server.on("connection", (socket) => {
  live = new FakeLink((text) => socket.readyState === 1 && socket.send(text));
  socket.on("message", (text) => live.heard(String(text)));
});
/** How busy a page's main thread is while it is told so much, in percent, and how much a second that came to. */
async function busyShare(page, seconds) {
  const devtools = await browser.context.newCDPSession(page);
  await devtools.send("Performance.enable");
  const tasks = async () => (await devtools.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration").value;
  const [before, begun] = [await tasks(), performance.now()];
  let sent = 0;
  await new Promise((done) => {
    const timer = setInterval(() => {
      const due = performance.now() - begun;
      while (sent < due) { live.change(); sent += 1; }
      if (due > seconds * 1000) (clearInterval(timer), done());
    }, 5);
  });
  const took = (performance.now() - begun) / 1000;
  const share = (((await tasks()) - before) / took) * 100;
  await page.waitForFunction((sent) => window.count >= sent, sent);
  await page.close();
  return [share, Math.round(sent / took)];
}
const address = `ws://127.0.0.1:${server.address().port}/`;
const bare = await browser.open(pages.origin);
await bare.evaluate((url) => new Promise((opened) => {
  window.count = 0;
  const shown = document.body.appendChild(document.createElement("p"));
  let frame;
  const socket = new WebSocket(url);
  socket.onopen = opened;
  socket.onmessage = ({ data }) => {
    window.count += JSON.parse(data).event ? 1 : 0;
    frame ??= requestAnimationFrame(() => { frame = undefined; shown.textContent = String(window.count); });
  };
}), address);
const [bareShare, bareRate] = await busyShare(bare, BUSY_S / 3);
tell(`main thread busy at ${bareRate} changes a second, without the package`, bareShare, "%");
/** A page that follows the roster by this entry point, and shows its changes. */
async function follower(entry) {
  const page = await browser.open(pages.origin);
  await page.evaluate(async ([url, entry]) => {
    const { init, connect } = await import(`/package/dist/esm/${entry}.js`);
    await init?.();
    window.client = connect({ url });
    window.roster = await window.client.teamStatus("1001").ready();
    const shown = document.body.appendChild(document.createElement("p"));
    window.count = 0;
    let frame;
    window.roster.on("change", () => {
      window.count += 1;
      frame ??= requestAnimationFrame(() => { frame = undefined; shown.textContent = String(window.count); });
    });
  }, [address, entry]);
  return page;
}
const [share, rate] = await busyShare(await follower("browser"), BUSY_S);
tell(`main thread busy at ${rate} changes a second, ${BUSY_S} s`, share, "%", 20);
const [sharedShare, sharedRate] = await busyShare(await follower("shared"), BUSY_S / 3);
tell(`main thread busy at ${sharedRate} changes a second, link shared`, sharedShare, "%");
await browser.close();
server.close();
pages.close();
process.exit(rows.some(({ value, most }) => value > most) ? 1 : 0);
