// A picture of every page in every state, to be looked at; those of the documents are named in DOCUMENTS.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { closeAll, openBrowser } from "./support/browser.mjs";
import { eventually, pageOf, scripted, serve, stopAll } from "./support/server.mjs";

/** Pictures that stand in the documents: with `--screenshots` only these are made. */
const DOCUMENTS = new Set(["wallboard", "wallboard-dark", "journey", "desktop", "take-over"]);
const isForDocuments = process.env.IMAGES.endsWith("docs/images");

/** The world has been busy for a while when it is looked at. */
const WARM_UP = { scenario: "small", speed: 1 };

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

describe("the wallboard", () => {
  let processor;
  const at = (path) => pageOf(processor, path);
  const rows = (page) => page.getByRole("table", { name: /members?$/ }).getByRole("row");
  const board = async (options, path = "/wallboard?agent=1000") => {
    const page = await (await openBrowser(options)).open(at(path));
    await eventually(async () => (await rows(page).count()) > 5, "the members");
    return page;
  };
  before(async () => {
    processor = await serve(WARM_UP);
  });

  for (const [name, colorScheme] of [["wallboard", "light"], ["wallboard-dark", "dark"]]) {
    shows(name, async () => {
      const page = await board({ width: 1440, height: 860, colorScheme });
      // The chart has something to show, and calls have come.
      await page.waitForTimeout(isForDocuments ? 90_000 : 6_000);
      await picture(name, page);
    });
  }
  shows("wallboard-narrow", async () => picture("wallboard-narrow", await board({ width: 360, height: 740, colorScheme: "dark" })));
  shows("wallboard-wide", async () => picture("wallboard-wide", await board({ width: 2560, height: 1300 })));
  shows("wallboard-kiosk", async () => {
    const page = await (await openBrowser({ width: 1920, height: 1080, colorScheme: "dark" })).open(at("/wallboard?agent=1000&kiosk"));
    await page.getByRole("heading", { level: 1 }).waitFor();
    await picture("wallboard-kiosk", page);
  });
  shows("wallboard-start", async () => {
    const page = await (await openBrowser()).open(at("/wallboard"));
    await page.getByLabel("Supervisor or agent").waitFor();
    await picture("wallboard-start", page);
  });
  shows("wallboard-nobody", async () => picture("wallboard-nobody", await (async () => {
    const page = await board();
    await page.keyboard.press("/");
    await page.keyboard.type("nobody at all");
    await page.getByText("Nobody matches").waitFor();
    return page;
  })()));
  shows("wallboard-thresholds", async () => {
    const page = await board();
    await page.getByRole("button", { name: "Alerts" }).click();
    await page.getByRole("dialog").waitFor();
    await picture("wallboard-thresholds", page);
  });
  shows("wallboard-names", async () => {
    const names = { 2001: "<script>alert(1)</script>", 2002: "عبد الرحمن بن خالد", 2003: "👩‍💻 Zoë Ångström", 2004: "A very long name ".repeat(12) };
    const acts = Object.entries(names).map(([agent, name], n) => [300 + n, { act: "agent_renamed", agent, name }]);
    const other = await serve({ scenario: scripted([...acts, [400, { act: "team_renamed", team: 1, name: "فريق المبيعات" }]]) });
    const page = await (await openBrowser()).open(pageOf(other, "/wallboard?agent=1001"));
    await page.getByText("<script>").waitFor();
    await picture("wallboard-names", page);
  });
  shows("wallboard-large", async () => {
    const large = await serve({ scenario: "large" });
    const page = await (await openBrowser({ width: 1440, height: 900 })).open(pageOf(large, "/wallboard?agent=1000"));
    await eventually(async () => (await rows(page).count()) > 20, "the members");
    await page.waitForTimeout(3_000);
    await picture("wallboard-large", page);
  });
  shows("wallboard-away", async () => {
    const away = await serve(WARM_UP);
    const page = await (await openBrowser()).open(pageOf(away, "/wallboard?agent=1000"));
    await eventually(async () => (await rows(page).count()) > 5, "the members");
    away.line.cut();
    await page.getByText(/Showing what was known/).waitFor();
    await picture("wallboard-away", page);
  });
});
