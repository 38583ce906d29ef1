// The journeys in a browser, by roles and names.

import { openBrowser } from "./browser.mjs";
import { pageOf } from "./server.mjs";

let browser;

/** Opens a page of that size; all share one browser, in which each server is an origin of its own. */
export async function open(processor, path, width = 1280, height = 800) {
  if (browser === undefined) {
    browser = openBrowser();
    await (await browser).context.grantPermissions(["clipboard-read", "clipboard-write"]);
  }
  const page = await (await browser).open(path.startsWith("/") ? pageOf(processor, path) : path);
  await page.setViewportSize({ width, height });
  return page;
}

const KINDS = { Trigger: "Trigger", IVR: "IVR", CSQ: "Queue", Agent: "Agent", External: "External" };
/** A call that waits in the queue, from so many milliseconds after the world began. */
export const arrives = (from, atMs = 300, more = {}) => [atMs, { act: "call", queue: "General", from, prompts_ms: 200, abandon_ms: 600_000, ...more }];

export const table = (page) => page.getByRole("region", { name: "Steps of the call" }).getByRole("table");
export const rows = (page) => table(page).getByRole("row");
export const timeline = (page) => page.getByRole("group", { name: /^Timeline of the call/ });
export const picture = (page) => page.getByRole("img", { name: /^Timeline: / });
export const list = (page) => page.getByRole("list", { name: "Calls, newest first" });
export const search = (page) => page.getByRole("searchbox", { name: "Find a call" });

/** `0:07` of `00:00:07`. */
function short(clock) {
  const [hours, minutes, seconds] = clock.split(":").map(Number);
  const two = (number) => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** What the server tells, as the table is to show it. */
export const told = (steps) => steps.map(({ CallId, Device, DeviceType, Description, Duration }) => [short(Duration), KINDS[DeviceType], Device, Description, CallId]);

/** What the table shows, without when each step began. */
export const shown = (page) => rows(page).evaluateAll((rows) => rows.slice(1).map((row) => [...row.cells].slice(1).map((cell) => cell.textContent.trim())));
