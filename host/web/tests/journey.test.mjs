// Calls are found and looked at in a browser.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { closeAll, fits, isAccessible, openBrowser } from "./support/browser.mjs";
import { Phone, clientOf, closeClients } from "./support/phones.mjs";
import { eventually, pageOf, scripted, serve, stopAll } from "./support/server.mjs";

/** One for all tests: each server is an origin of its own. */
let browser;
before(async () => {
  browser = await openBrowser();
  await browser.context.grantPermissions(["clipboard-read", "clipboard-write"]);
});
after(async () => {
  closeClients();
  await stopAll();
  await closeAll();
});

const KINDS = { Trigger: "Trigger", IVR: "IVR", CSQ: "Queue", Agent: "Agent", External: "External" };
const arrives = (from, atMs = 300, more = {}) => [atMs, { act: "call", queue: "General", from, prompts_ms: 200, abandon_ms: 600_000, ...more }];

/** Opens a page of that size. */
async function open(processor, path, width = 1280, height = 800) {
  const page = await browser.open(pageOf(processor, path));
  await page.setViewportSize({ width, height });
  return page;
}

const table = (page) => page.getByRole("region", { name: "Steps of the call" }).getByRole("table");
const rows = (page) => table(page).getByRole("row");
const timeline = (page) => page.getByRole("group", { name: /^Timeline of the call/ });
const picture = (page) => page.getByRole("img", { name: /^Timeline: / });
const list = (page) => page.getByRole("list", { name: "Calls, newest first" });
const search = (page) => page.getByRole("searchbox", { name: "Find a call" });

/** `0:07` of `00:00:07`. */
function short(clock) {
  const [hours, minutes, seconds] = clock.split(":").map(Number);
  const two = (number) => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** What the server tells, as the table is to show it. */
const told = (steps) => steps.map(({ CallId, Device, DeviceType, Description, Duration }) => [short(Duration), KINDS[DeviceType], Device, Description, CallId]);

/** What the table shows, without when each step began. */
const shown = (page) => rows(page).evaluateAll((rows) => rows.slice(1).map((row) => [...row.cells].slice(1).map((cell) => cell.textContent.trim())));

describe("a call that runs", () => {
  const CALLER = "+493055501";
  let processor, client, page, ann, ben, callId, later;

  before(async () => {
    const rest = [[100, { act: "agent_renamed", agent: "2001", name: "Anna Ash" }], [100, { act: "agent_renamed", agent: "2002", name: "דנה לוי" }]];
    processor = await serve({ scenario: scripted([...rest, arrives(CALLER)]) });
    client = await clientOf(processor);
    page = await open(processor, "/journey");
    [ann, ben] = await Promise.all(["2001", "2002"].map((agent) => Phone.of(client, agent)));
  });

  test("is found by its number, and grows to what the server tells in the end", async () => {
    await list(page).getByRole("link", { name: CALLER }).getByText("Running").waitFor();
    await search(page).fill("+49 (30) 55501");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: CALLER }).waitFor();
    const has = (text) => table(page).getByText(text, { exact: true }).first().waitFor();
    await has("General");
    await page.getByText(/so far/).first().waitFor();

    await ann.ready();
    await has("ringing Anna Ash");
    await ann.answer();
    await has("talking Anna Ash");
    callId = await ann.callId();
    assert.equal(new URL(page.url()).pathname, `/journey/${callId}`);
    await ann.hold();
    await has("hold Anna Ash");
    await picture(page).locator("rect[data-activity=hold]").waitFor();
    // What runs grows by itself: nothing is told meanwhile.
    const lasts = () => table(page).locator("[data-running]", { hasText: "hold" }).locator("time").nth(1).textContent();
    const first = await lasts();
    await eventually(async () => (await lasts()) !== first, "the hold lasts longer");
    await ann.retrieve();
    await eventually(async () => (await table(page).getByText("talking Anna Ash").count()) === 2, "she talks again");
    assert.equal(await table(page).locator("[data-running]", { hasText: "hold" }).count(), 0);

    await ann.consult("42002");
    await has("ringing דנה לוי");
    await ben.answer();
    await has("consult with דנה לוי");
    await page.getByRole("status").filter({ hasText: "Running" }).getByText("דנה לוי").first().waitFor();
    await ann.transfer();
    await has("hold Anna Ash: transferred to דנה לוי");
    await page.getByRole("list", { name: "What the picture shows" }).getByText("Transfer").waitFor();
    await picture(page).locator("[data-kind=transfer]").first().waitFor({ state: "attached" });
    await ben.drop();
    await page.getByText(/hung up.*wrap-up goes on/).waitFor();
    await Promise.all([ann.ready(), ben.ready()]);
    await picture(page).getByText(/^Hung up, /).waitFor();

    const steps = await eventually(async () => {
      const steps = await client.callJourney(callId);
      return JSON.stringify(await shown(page)) === JSON.stringify(told(steps)) && steps;
    }, "the table is what the server tells", 10_000).catch(async () => assert.deepEqual(await shown(page), told(await client.callJourney(callId))));
    assert.ok(steps.length >= 13, `${steps.length} steps`);
    assert.equal(await page.getByText(/so far/).count(), 0);
    later = steps.find(({ CallId }) => CallId !== callId).CallId;
  });

  test("has an address that shows the same to others", async () => {
    await page.getByRole("button", { name: "Copy address" }).click();
    await page.getByText("Address copied").waitFor();
    const address = await page.evaluate(() => navigator.clipboard.readText());
    const other = await browser.open(address);
    await picture(other).getByText(/^Hung up, /).waitFor();
    await eventually(async () => (await shown(other)).length === (await shown(page)).length, "all steps");
    assert.deepEqual(await shown(other), await shown(page));
    assert.equal(await picture(other).getAttribute("aria-label"), await picture(page).getAttribute("aria-label"));
    assert.match(await other.title(), new RegExp(callId));
    await other.close();
  });

  test("is found by the id of a later leg, and by who was on it", async () => {
    const before = await shown(page);
    await search(page).fill(later);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/journey/${later}`);
    await picture(page).getByText(/^Hung up, /).waitFor();
    assert.deepEqual(await shown(page), before);

    await search(page).fill("nobody at all");
    await page.getByText("Nothing found for").waitFor();
    for (const word of ["anna", "לוי", "42002"]) {
      await search(page).fill(word);
      await list(page).getByRole("link", { name: CALLER }).waitFor();
      await page.waitForURL(`**?q=${encodeURIComponent(word)}`);
    }
  });

  test("is looked at by keyboard alone", async () => {
    await page.goto(pageOf(processor, "/journey"));
    await list(page).getByRole("link").first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("55501");
    await page.getByText("1 call found").waitFor();
    await page.keyboard.press("ArrowDown");
    assert.ok(await list(page).getByRole("link").first().evaluate((link) => link === document.activeElement));
    await page.keyboard.press("ArrowUp");
    assert.ok(await search(page).evaluate((box) => box === document.activeElement));
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await picture(page).waitFor();
    for (let tabs = 0; tabs < 12 && !(await timeline(page).evaluate((one) => one === document.activeElement)); tabs += 1) await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    await page.getByRole("status").filter({ hasText: `Incoming call from ${CALLER}` }).waitFor();
    const seen = () => timeline(page).evaluate((one) => one.scrollWidth / one.clientWidth);
    assert.equal(await seen(), 1);
    await page.keyboard.press("+");
    await page.keyboard.press("+");
    await eventually(async () => (await seen()) > 1.5, "it is looked at more closely");
    await page.keyboard.press("End");
    await eventually(() => timeline(page).evaluate((one) => one.scrollLeft > 50), "it moved");
    await page.keyboard.press("0");
    await eventually(async () => (await seen()) === 1, "the whole is shown again");
  });

  test("is printed light, as a picture and a table, and without controls", async () => {
    await page.setViewportSize({ width: 700, height: 900 });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    assert.equal(await page.getByRole("button").count(), 0);
    assert.equal(await page.getByRole("searchbox").count(), 0);
    assert.equal(await page.getByRole("navigation").count(), 0);
    assert.equal(await list(page).count(), 0);
    assert.ok(await picture(page).isVisible());
    assert.ok(await table(page).isVisible());
    const [light, wide] = await picture(page).evaluate((one) => [getComputedStyle(one).color, one.getBoundingClientRect().right <= innerWidth]);
    assert.equal(light, "rgb(27, 30, 33)");
    assert.ok(wide, "the picture fits the paper");
    await page.emulateMedia({ media: "screen", colorScheme: "light" });
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test("can be used by everybody, light and dark, at 320 px too", async () => {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await isAccessible(page, colorScheme);
    }
    await page.setViewportSize({ width: 320, height: 700 });
    await fits(page, "a call");
    await isAccessible(page, "narrow");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: "light" });
  });
});

describe("what cannot be shown", () => {
  test("says why, and what to do", async () => {
    const processor = await serve();
    const page = await open(processor, "/journey", 320);
    await page.getByText("No calls yet").waitFor();
    await fits(page, "an empty list");
    await isAccessible(page, "an empty list");
    await page.goto(pageOf(processor, `/journey/${encodeURIComponent("no/such?call<b>100%")}`));
    await page.getByText("No such call is known").waitFor();
    await page.getByText("no/such?call<b>100%").waitFor();
    await fits(page, "an unknown call");
    await isAccessible(page, "an unknown call");
    await page.getByRole("link", { name: "Show recent calls" }).click();
    await page.getByText("No call is chosen").waitFor();
  });

  test("is told where the right to it is missing", async () => {
    const entry = `[[tokens]]\nsubject = "board"\nhash = "sha256:${createHash("sha256").update("agents-only").digest("hex")}"\nscopes = ["agent"]`;
    process.env.INTERACTION_PROCESSOR_LISTEN_REQUIRE_TOKENS = "true";
    const processor = await serve({ cti: `scenario = "small"\n${entry}` }).finally(() => delete process.env.INTERACTION_PROCESSOR_LISTEN_REQUIRE_TOKENS);
    const page = await open(processor, "/journey/c-1");
    await page.getByLabel("Token").fill("agents-only");
    await page.keyboard.press("Enter");
    await page.getByText("This page may not list calls").waitFor();
    await page.getByText("This call may not be read here").waitFor();
    await isAccessible(page, "no right to reports");
  });

  test("stands as of when the connection was lost, and goes on from there", async () => {
    const processor = await serve({ scenario: scripted([arrives("+4930999")]) });
    const page = await open(processor, "/journey");
    await list(page).getByRole("link", { name: "+4930999" }).click();
    await page.getByText(/so far/).first().waitFor();
    processor.line.cut();
    await table(page).getByText(/as of/).first().waitFor();
    await picture(page).getByText(/^as of /).waitFor();
    await list(page).getByText(/Running as of/).waitFor();
    const stands = await shown(page);
    // Nothing of it moves while nothing is known.
    await page.waitForTimeout(2_100);
    assert.deepEqual(await shown(page), stands);
    processor.line.restore();
    await page.getByRole("button", { name: "Try now" }).click().catch(() => {});
    await page.getByText(/so far/).first().waitFor();
    await picture(page).getByText("now", { exact: true }).waitFor();

    // A server that was started anew has forgotten the call: what was known of it stays.
    await processor.kill();
    await processor.run();
    await page.getByText("The server does not know this call any more").waitFor();
    const [now] = (await shown(page)).slice(-1);
    assert.match(now[0], /as of/);
    await isAccessible(page, "a call that was forgotten");
  });
});

describe("names", () => {
  test("stay text, and on the page, whatever they are", async () => {
    const names = {
      2001: `<img src=x onerror="document.title='taken'"> <script>document.title="taken"</script>`,
      2002: "عبد الرحمن بن خالد ‏(مشرف)",
      2003: "👩‍💻 Zoë 👨‍👩‍👧‍👦 ".repeat(3).trim(),
      2004: "Ｗ".repeat(33),
    };
    const acts = Object.entries(names).flatMap(([agent, name], n) => [[100 + n, { act: "agent_renamed", agent, name }], [200 + n, { act: "agent_state", agent, state: "Ready" }]]);
    const calls = Object.keys(names).map((_, n) => arrives(`<b>+49${n}</b>`, 400 + 20 * n, { ring_ms: 400, talk_ms: 600_000 }));
    const processor = await serve({ scenario: scripted([...acts, ...calls]) });
    const page = await open(processor, "/journey", 320);
    await eventually(async () => (await list(page).getByRole("link").count()) === 4, "all calls");
    for (const [n] of Object.keys(names).entries()) {
      await list(page).getByRole("link", { name: `<b>+49${n}</b>` }).click();
      await page.getByRole("heading", { name: `<b>+49${n}</b>` }).waitFor();
      await table(page).getByText(/^talking /).waitFor();
      const words = await table(page).getByText(/^talking /).textContent();
      assert.ok(Object.values(names).some((name) => words === `talking ${name}`), words);
      await fits(page, words);
    }
    assert.doesNotMatch(await page.title(), /taken/);
    await isAccessible(page, "names");
  });
});

describe("many calls", () => {
  test("are paged through, and drawn as far as they are in sight", async () => {
    // The hundred ports of the world have a call each; those that came later were turned away.
    const calls = Array.from({ length: 140 }, (_, n) => arrives(`+4940${String(n).padStart(3, "0")}`, 300 + n * 5));
    const processor = await serve({ scenario: scripted(calls) });
    const page = await open(processor, "/journey", 1280, 500);
    await page.getByText("The newest 100 calls, 60 running").waitFor();
    assert.ok((await list(page).getByRole("link").count()) < 40);
    await list(page).getByRole("link").first().focus();
    await page.keyboard.press("End");
    await list(page).getByRole("link", { name: "+4940040" }).waitFor();
    await page.getByRole("button", { name: "Show older calls" }).click();
    await page.getByText("140 calls, 100 running").waitFor();
    await list(page).getByRole("link").last().focus();
    await page.keyboard.press("End");
    await list(page).getByRole("link", { name: "+4940000" }).waitFor();
    await eventually(() => page.evaluate(() => document.activeElement?.textContent?.includes("+4940000")), "it has the focus");
  });
});
