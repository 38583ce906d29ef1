// Chromium, with what a profile holds apart for each browser, and what every page has to hold.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
];
const open = [];
/** One process for all browsers of a file; they share nothing. */
let chromiumOfAll;

/**
 * Opens a browser, which is closed when the tests of the file are over. `errors` holds what its pages threw and nobody caught, what
 * their content policy refused, and what they wrote as errors.
 */
export async function openBrowser({ width = 1280, height = 800, colorScheme = "light", ...more } = {}) {
  chromiumOfAll ??= chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: FLAGS, timeout: 60_000 });
  const context = await (await chromiumOfAll).newContext({
    viewport: { width, height }, colorScheme, locale: "en-GB", timezoneId: "Europe/London", ...more,
  });
  context.setDefaultTimeout(20_000);
  const errors = [];
  const browser = {
    context,
    errors,
    async open(url) {
      const page = await context.newPage();
      page.on("pageerror", (error) => errors.push(String(error.stack ?? error)));
      page.on("console", (message) => {
        // A server that is away is part of many tests.
        if (message.type() === "error" && !/WebSocket connection|Failed to load resource|ERR_/.test(message.text())) errors.push(message.text());
      });
      await page.goto(url);
      return page;
    },
    close: () => context.close(),
  };
  open.push(browser);
  return browser;
}

/** Closes what was opened, and fails where a page complained. */
export async function closeAll() {
  const complaints = open.flatMap(({ errors }) => errors);
  await Promise.all(open.splice(0).map((browser) => browser.close()));
  await (await chromiumOfAll)?.close();
  assert.deepEqual(complaints, []);
}

/** Fails where axe finds something on the page as it is now. */
export async function isAccessible(page, what) {
  // Past the page's content policy, as a developer's tools are.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.slice(0, 4).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary?.split("\n").at(-1)}`).join("\n    ")}`);
  assert.deepEqual(found, [], what);
}

/** Fails where something stands beyond the page's right edge. */
export async function fits(page, what) {
  const [inner, scroll] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
  assert.ok(scroll <= inner, `${what}: ${scroll} px in ${inner}`);
}

/**
 * The longest task of a page's main thread while `act` runs, in milliseconds of its processor's time: what else the machine does is
 * not counted.
 */
export async function longestTask(page, act) {
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await session.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["toplevel", "blink.user_timing", "disabled-by-default-devtools.timeline", "devtools.timeline"] } });
  // Its mark tells which of the browser's threads is the page's.
  await page.evaluate(() => performance.mark("longest-task"));
  await act();
  const collected = new Promise((done) => session.once("Tracing.tracingComplete", done));
  await session.send("Tracing.end");
  await collected;
  const mark = events.find(({ name }) => name === "longest-task");
  assert.ok(mark, "the page's thread is in the trace");
  const tasks = events.filter(({ pid, tid, tdur, name }) => pid === mark.pid && tid === mark.tid && tdur !== undefined && /RunTask|ThreadControllerImpl::RunTask/.test(name));
  assert.ok(tasks.length > 100, `${tasks.length} tasks`);
  return Math.max(...tasks.map(({ tdur }) => tdur)) / 1_000;
}
