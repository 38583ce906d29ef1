// node browser.mjs WASM SCRIPT ANSWERS: plays a script in headless Chromium, in a page served on the loopback interface.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

const [wasm, script, answers] = process.argv.slice(2);
const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
const DEADLINE_MS = 150_000;
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
];
const PAGE = `<!doctype html><meta charset="utf-8"><title>conformance</title><link rel="icon" href="data:,">
<script type="module">
  import init, * as engine from "/engine.js";
  import { play } from "/play.mjs";
  try {
    await init();
    const script = new Uint8Array(await (await fetch("/script.bin")).arrayBuffer());
    await fetch("/answers.bin", { method: "POST", body: play(engine, script) });
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
  "/script.bin": ["application/octet-stream", () => readFileSync(script)],
};

const server = createServer((request, response) => {
  if (request.method === "POST" && request.url === "/answers.bin") {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => { writeFileSync(answers, Buffer.concat(parts)); response.end(); });
    return;
  }
  const [type, content] = files[request.url] ?? [];
  if (type === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "content-type": type }).end(content());
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));

const profile = mkdtempSync(join(tmpdir(), "conformance-"));
let context;
try {
  context = await chromium.launchPersistentContext(profile, {
    executablePath: BROWSER, headless: true, args: FLAGS, timeout: DEADLINE_MS,
  });
  const page = context.pages()[0] ?? await context.newPage();
  page.on("pageerror", (error) => console.error("page:", error));
  page.on("console", (message) => console.error("console:", message.text()));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => document.title !== "conformance", null, { timeout: DEADLINE_MS });
  const title = await page.title();
  if (title !== "played") throw new Error(title);
} finally {
  await context?.close();
  server.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
