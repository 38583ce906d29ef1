// A picture of the desktop in every state, to be looked at; those of the documents are named in DOCUMENTS.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";

import { closeAll, openBrowser } from "./support/browser.mjs";
import { button, card, enter, hasState, log, openDesktop, signIn, state, waiting } from "./support/desktop.mjs";
import { pageOf, scripted, serve, stopAll } from "./support/server.mjs";

/** Pictures that stand in the documents: with `--screenshots` only these are made. */
const DOCUMENTS = new Set(["desktop", "take-over"]);
const isForDocuments = process.env.IMAGES.endsWith("docs/images");

async function picture(name, page, options = {}) {
  await page.evaluate(() => document.fonts.ready);
  const png = await page.screenshot({ path: join(process.env.IMAGES, `${name}.png`), animations: "disabled", ...options });
  assert.ok(png.length > 4_000, `${name} is empty`);
}

/** A test of a picture, left out where only the documents' are made. */
function shows(name, act) {
  test(name, { skip: isForDocuments && !DOCUMENTS.has(name) }, act);
}

after(async () => {
  await stopAll();
  await closeAll();
});

const NARROW = { width: 420, height: 900 };
const COLLEAGUES = ["2002", "2003", "2005"].map((agent, n) => [200 + n, { act: "agent_state", agent, state: "NotReady", reason: String(n + 1) }]);
const world = (...acts) => serve({ scenario: scripted([...COLLEAGUES, waiting("+493055501"), ...acts]) });

/** A desktop with a call that rings. */
async function ringing(options = NARROW, ...acts) {
  const page = await signIn(await openBrowser(options), await world(...acts), "2001");
  await page.keyboard.press("F9");
  await card(page, "+493055501").waitFor();
  return page;
}

/** A desktop with a call that goes on. */
async function talking(options = NARROW, ...acts) {
  const page = await ringing(options, ...acts);
  await page.keyboard.press("F4");
  await card(page).getByText("Talking").waitFor();
  return page;
}

shows("desktop-sign-in", async () => {
  const page = await openDesktop(await openBrowser(NARROW), await world());
  await enter(page, "2001", "wrong");
  await page.getByRole("alert").filter({ hasText: "wrong" }).waitFor();
  await page.getByText("More", { exact: true }).click();
  await picture("desktop-sign-in", page);
});
shows("take-over", async () => {
  const processor = await world();
  const one = await signIn(await openBrowser(NARROW), processor, "2001");
  await one.keyboard.press("F9");
  await card(one).waitFor();
  await one.keyboard.press("F4");
  await card(one).getByText("Talking").waitFor();
  const two = await openDesktop(await openBrowser({ width: 640, height: 640 }), processor);
  await enter(two, "2001");
  await two.getByRole("dialog").waitFor();
  await picture("take-over", two);
  await button(two.getByRole("dialog"), "Take over").click();
  await one.getByText("Your session was taken over").waitFor();
  if (!isForDocuments) await picture("desktop-superseded", one);
});
shows("desktop-ready", async () => {
  const page = await signIn(await openBrowser(NARROW), await serve(), "2001");
  await page.keyboard.press("F9");
  await hasState(page, /^Ready$/);
  await picture("desktop-ready", page);
});
shows("desktop-not-ready", async () => {
  const page = await signIn(await openBrowser(NARROW), await serve(), "2001");
  await page.keyboard.press("F10");
  await page.getByRole("menuitemradio", { name: /Lunch/ }).waitFor();
  await picture("desktop-not-ready", page);
});
shows("desktop-ringing", async () => picture("desktop-ringing", await ringing()));
shows("desktop-ringing-dark", async () => picture("desktop-ringing-dark", await ringing({ ...NARROW, colorScheme: "dark" })));
shows("desktop-active", async () => {
  const page = await talking();
  await page.getByText("Details", { exact: true }).click();
  for (const [at, value] of [["1", "gold"], ["2", "Order 4711"]]) {
    await page.getByLabel("Which variable").selectOption(`callVariable${at}`);
    await page.getByLabel(`Variable ${at}`, { exact: true }).fill(value);
    await page.keyboard.press("Enter");
    await card(page).getByRole("definition").filter({ hasText: value }).first().waitFor();
  }
  await picture("desktop-active", page);
});
shows("desktop-held", async () => {
  const page = await talking();
  await page.keyboard.press("F6");
  await card(page).getByText("On hold").waitFor();
  await picture("desktop-held", page);
});
shows("desktop-keypad", async () => {
  const page = await talking();
  await page.keyboard.press("#");
  await page.keyboard.type("4711#");
  await card(page).getByText("4711#").waitFor();
  await picture("desktop-keypad", page);
});
shows("desktop-destination", async () => {
  const page = await talking();
  await button(card(page), "Transfer").click();
  await page.getByRole("option", { name: /2002/ }).waitFor();
  await page.keyboard.press("ArrowDown");
  await picture("desktop-destination", page);
});
for (const [name, colorScheme] of [["desktop", "light"], ["desktop-dark", "dark"]]) {
  shows(name, async () => {
    const page = await talking({ ...NARROW, colorScheme });
    await button(card(page), "Consult").click();
    await page.getByLabel("Consult with").fill("2002");
    await page.keyboard.press("Enter");
    await card(page).getByRole("listitem").nth(1).getByText("Talking").waitFor();
    await picture(name, page);
  });
}
shows("desktop-wrap-up", async () => {
  const page = await talking();
  await page.keyboard.press("F8");
  await hasState(page, "Wrap-up");
  await page.getByRole("radio").nth(1).check();
  await picture("desktop-wrap-up", page);
});
shows("desktop-failure", async () => {
  const page = await talking({ width: 360, height: 800 });
  await button(card(page), "Transfer").click();
  await page.getByLabel("Transfer to").fill("nobody");
  await page.keyboard.press("Enter");
  await card(page).getByRole("alert").waitFor();
  await picture("desktop-failure", page);
});
shows("desktop-keys", async () => {
  const page = await signIn(await openBrowser(NARROW), await serve(), "2001");
  await button(page, "Keys").click();
  await page.getByRole("button", { name: /^Answer: F4/ }).click();
  await picture("desktop-keys", page);
});
shows("desktop-supervisor", async () => {
  const processor = await world();
  const agent = await signIn(await openBrowser(NARROW), processor, "2001");
  await agent.keyboard.press("F9");
  await card(agent).waitFor();
  await agent.keyboard.press("F4");
  const page = await signIn(await openBrowser({ width: 1600, height: 900 }), processor, "1001");
  const row = page.getByRole("listitem").filter({ hasText: "2001" }).first();
  await row.getByText("Talking").waitFor();
  await row.getByRole("button", { name: /^What can be done/ }).click();
  await page.getByRole("menuitem", { name: /Listen in/ }).waitFor();
  await picture("desktop-supervisor", page);
  await page.getByRole("menuitem", { name: /^Barge in/ }).click();
  await card(page).waitFor();
  await log(agent).getByText("joined the call").waitFor();
  await picture("desktop-listening", page);
  await picture("desktop-log", agent);
  await page.setViewportSize({ width: 360, height: 900 });
  await picture("desktop-supervisor-narrow", page, { fullPage: true });
});
shows("desktop-two-tabs", async () => {
  const processor = await serve();
  const browser = await openBrowser({ width: 360, height: 800 });
  const page = await signIn(browser, processor, "2001");
  const other = await browser.open(pageOf(processor, "/desktop"));
  await state(other).waitFor();
  await page.getByText("open in another tab").waitFor();
  await picture("desktop-two-tabs", page);
});
shows("desktop-restarted", async () => {
  const processor = await serve();
  const page = await signIn(await openBrowser(NARROW), processor, "2001");
  await page.reload();
  await state(page).waitFor();
  await processor.kill();
  await processor.run();
  await page.getByText("The server was started anew").waitFor();
  await picture("desktop-restarted", page);
});
