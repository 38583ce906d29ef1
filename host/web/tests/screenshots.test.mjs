// A picture of every page in every state, to be looked at; those of the documents are named in DOCUMENTS.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { closeAll, openBrowser } from "./support/browser.mjs";
import { Phone, clientOf, closeClients } from "./support/phones.mjs";
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
  closeClients();
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
      await page.waitForTimeout(isForDocuments ? 45_000 : 6_000);
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

describe("the journey", () => {
  let processor, page;
  const table = (page) => page.getByRole("region", { name: "Steps of the call" }).getByRole("table");
  /** Milliseconds of so many seconds, which pass sooner where no document is made. */
  const lasts = (seconds) => seconds * (isForDocuments ? 1_000 : 50);
  const pass = (seconds) => new Promise((done) => setTimeout(done, lasts(seconds)));
  const calls = (from, number, more) => [300 + lasts(from), { act: "call", queue: "General", from: `+4930555${number}`, prompts_ms: lasts(3), ring_ms: lasts(4), ...more }];
  const others = ["2003", "2004", "2005", "2006"].map((agent) => [100, { act: "agent_state", agent, state: "Ready" }]);

  // A call that is held, consulted about, and passed on; others about it.
  before(async () => {
    processor = await serve({ scenario: scripted([
      ...others, calls(0, 117, { talk_ms: lasts(14) }), calls(0.4, 402, { talk_ms: lasts(31) }), calls(1.1, 331, { talk_ms: 600_000 }),
      calls(1.9, 86, { talk_ms: 600_000 }), calls(5, 123, { abandon_ms: 600_000 }), calls(12, 905, { abandon_ms: lasts(20) }),
      calls(24, 278, { talk_ms: 600_000 }), calls(41, 540, { abandon_ms: 600_000 }),
    ]) });
    const client = await clientOf(processor);
    const [one, other] = await Promise.all(["2001", "2002"].map((agent) => Phone.of(client, agent)));
    await pass(14);
    await one.ready();
    await pass(3);
    await one.answer();
    await pass(9);
    await one.hold();
    await pass(5);
    await one.retrieve();
    await pass(7);
    await one.consult("42002");
    await pass(4);
    await other.answer();
    await pass(7);
    const path = `/journey/${await one.callId()}`;
    await one.transfer();
    await pass(5);
    page = await (await openBrowser({ width: 1440, height: 860 })).open(pageOf(processor, path));
    await table(page).getByText(/: transferred to /).waitFor();
    await table(page).getByText("so far").first().waitFor();
    // It is known which steps run when their durations have grown.
    await page.waitForTimeout(1_500);
  });

  shows("journey", async () => picture("journey", page));
  shows("journey-dark", async () => {
    await page.emulateMedia({ colorScheme: "dark" });
    await picture("journey-dark", page);
    await page.emulateMedia({ colorScheme: "light" });
  });
  shows("journey-close", async () => {
    const timeline = page.getByRole("group", { name: /^Timeline of the call/ });
    await timeline.focus();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("+");
    await picture("journey-close", page);
    await page.keyboard.press("0");
    await timeline.blur();
  });
  shows("journey-narrow", async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await picture("journey-narrow", page, { fullPage: true });
    await page.setViewportSize({ width: 1440, height: 860 });
  });
  shows("journey-print", async () => {
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await picture("journey-print", page, { fullPage: true });
    await page.emulateMedia({ media: "screen", colorScheme: "light" });
  });
  shows("journey-away", async () => {
    processor.line.cut();
    await table(page).getByText(/as of/).first().waitFor();
    await picture("journey-away", page);
    processor.line.restore();
  });
  shows("journey-unknown", async () => {
    const page = await (await openBrowser()).open(pageOf(processor, "/journey/c-404"));
    await page.getByText("No such call is known").waitFor();
    await picture("journey-unknown", page);
  });
  shows("journey-nothing-found", async () => {
    const page = await (await openBrowser()).open(pageOf(processor, "/journey?q=nobody"));
    await page.getByText("Nothing found for").waitFor();
    await picture("journey-nothing-found", page);
  });
  shows("journey-empty", async () => {
    const page = await (await openBrowser()).open(pageOf(await serve(), "/journey"));
    await page.getByText("No calls yet").waitFor();
    await picture("journey-empty", page);
  });
  shows("journey-names", async () => {
    const name = "عبد الرحمن <script>alert(1)</script> 👩‍💻";
    const other = await serve({ scenario: scripted([
      [100, { act: "agent_renamed", agent: "2001", name }],
      [200, { act: "agent_state", agent: "2001", state: "Ready" }],
      [300, { act: "call", queue: "General", from: "+49 30 ١٢٣٤", prompts_ms: 300, ring_ms: 500, talk_ms: 600_000 }],
    ]) });
    const page = await (await openBrowser()).open(pageOf(other, "/journey"));
    await page.getByRole("list", { name: "Calls, newest first" }).getByRole("link").click();
    await table(page).getByText(/^talking /).waitFor();
    await page.waitForTimeout(1_500);
    await picture("journey-names", page);
  });
});
