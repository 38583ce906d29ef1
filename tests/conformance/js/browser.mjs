// node browser.mjs WASM: plays the portions that come on standard input, in headless Chromium, in a page served on the loopback
// interface.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { portions, tell } from "./portions.mjs";

const [wasm] = process.argv.slice(2);
const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
const START_MS = 150_000;
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
];
const PAGE = `<!doctype html><meta charset="utf-8"><title>conformance</title><link rel="icon" href="data:,">
<script type="module">
  import init, * as engine from "/engine.js";
  import { answer } from "/play.mjs";
  try {
    await init();
    for (;;) {
      const response = await fetch("/portion");
      if (response.status === 204) break;
      const script = new Uint8Array(await response.arrayBuffer());
      const body = await answer(engine, script, response.headers.get("is-whole") === "1");
      await fetch("/answer", { method: "POST", body });
    }
    document.title = "played";
  } catch (error) {
    document.title = "failed: " + (error?.stack ?? error);
  }
</script>`;

const files = {
  "/": ["text/html", () => PAGE],
  "/engine.js": ["text/javascript", () => readFileSync(join(wasm, "engine.js"))],
  "/engine_bg.wasm": ["application/wasm", () => readFileSync(join(wasm, "engine_bg.wasm"))],
  "/play.mjs": ["text/javascript", () => readFileSync(new URL("./play.mjs", import.meta.url))],
};
const waiting = portions();

const server = createServer(async (request, response) => {
  if (request.url === "/portion") {
    const { value } = await waiting.next();
    if (value === undefined) response.writeHead(204).end();
    else response.writeHead(200, { "is-whole": value.isWhole ? "1" : "0" }).end(value.script);
    return;
  }
  if (request.method === "POST" && request.url === "/answer") {
    const parts = [];
    for await (const part of request) parts.push(part);
    await tell(Buffer.concat(parts));
    response.end();
    return;
  }
  const [type, content] = files[request.url] ?? [];
  if (type === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "content-type": type }).end(content());
});
// A portion comes when it was made, and is answered when it was played.
server.requestTimeout = 0;
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));

const profile = mkdtempSync(join(tmpdir(), "conformance-"));
let context;
try {
  context = await chromium.launchPersistentContext(profile, {
    executablePath: BROWSER, headless: true, args: FLAGS, timeout: START_MS,
  });
  const page = context.pages()[0] ?? await context.newPage();
  page.on("pageerror", (error) => console.error("page:", error));
  page.on("console", (message) => console.error("console:", message.text()));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => document.title !== "conformance", null, { timeout: 0 });
  const title = await page.title();
  if (title !== "played") throw new Error(title);
} finally {
  await context?.close();
  server.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
