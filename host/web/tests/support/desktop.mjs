// An agent's desktop in a browser, used as an agent uses it: by roles and names, by keys.

import { isAccessible } from "./browser.mjs";
import { pageOf } from "./server.mjs";

/** A desktop that nobody has signed in on yet. */
export async function openDesktop(browser, processor, line) {
  const page = await browser.open(pageOf(processor, "/desktop", line));
  await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  return page;
}

/** Fills in the form and sends it. */
export async function enter(page, agentId, password = agentId) {
  await page.getByLabel("Agent id").fill(agentId);
  await page.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
}

/** A desktop on which the agent is signed in. */
export async function signIn(browser, processor, agentId, line) {
  const page = await openDesktop(browser, processor, line);
  await enter(page, agentId);
  await state(page).waitFor();
  return page;
}

/** The agent's own state. */
export const state = (page) => page.getByRole("region", { name: "My state" });

/** Waits until the state reads so. */
export const hasState = (page, words) => state(page).getByRole("status").filter({ hasText: words }).first().waitFor();

/** The cards of contacts; of one of them where `name` is given. */
export const card = (page, name) => page.getByRole("article", name === undefined ? {} : { name });

export const button = (where, name) => where.getByRole("button", { name, exact: true });

/** What stands in the log. */
export const log = (page) => page.getByRole("region", { name: "What others did" }).getByRole("list");

/** A call that waits in the queue until somebody is ready, from so many milliseconds after the world began. */
export const waiting = (from, atMs = 300, more = {}) => [atMs, { act: "call", queue: "General", from, prompts_ms: 100, abandon_ms: 600_000, ...more }];

/** Fails where axe finds something, in light or in dark. */
export async function isAccessibleInBoth(page, what) {
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme });
    await isAccessible(page, `${what}, ${colorScheme}`);
  }
}
