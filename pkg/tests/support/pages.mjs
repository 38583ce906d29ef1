// Pages on loopback, and Chromium to look at them with.

import { createReadStream, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";

import { chromium } from "playwright-core";

const TYPES = {
  ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".wasm": "application/wasm",
  ".map": "application/json", ".json": "application/json",
};
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
];
const BLANK = `<!doctype html><meta charset="utf-8"><title>test</title><link rel="icon" href="data:,">`;

/** Serves folders by the beginning of their paths, and pages by their whole path; `/` is an empty page. */
export async function serve(folders, pages = {}) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, "http://x").pathname);
    const text = pages[path] ?? (path === "/" ? BLANK : undefined);
    if (text !== undefined) return response.writeHead(200, { "content-type": "text/html" }).end(text);
    const [prefix, folder] = Object.entries(folders).find(([prefix]) => path.startsWith(prefix)) ?? [];
    let file = folder && join(folder, path.slice(prefix.length));
    if (file && existsSync(file) && statSync(file).isDirectory()) file = join(file, "index.html");
    if (!file || !existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
    createReadStream(file).pipe(response);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** A browser with a profile of its own. What pages throw and nobody catches is collected in `errors`. */
export async function openBrowser() {
  const profile = mkdtempSync(join(tmpdir(), "chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: FLAGS, timeout: 60_000,
  });
  const errors = [];
  context.setDefaultTimeout(60_000);
  return {
    context,
    errors,
    async open(url) {
      const page = await context.newPage();
      page.on("pageerror", (error) => errors.push(String(error.stack ?? error)));
      if (process.env.SHOW_CONSOLE) page.on("console", (message) => console.error("page:", message.text()));
      await page.goto(url);
      return page;
    },
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
