// A call is found, and followed in a browser while it runs.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";

import { closeAll, fits, isAccessible } from "./support/browser.mjs";
import { arrives, list, open, picture, search, shown, table, timeline, told } from "./support/journey.mjs";
import { Phone, clientOf, closeClients } from "./support/phones.mjs";
import { eventually, pageOf, scripted, serve, stopAll } from "./support/server.mjs";

after(async () => {
  closeClients();
  await stopAll();
  await closeAll();
});

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
    const other = await open(processor, address);
    await picture(other).getByText(/^Hung up, /).waitFor();
    await eventually(async () => (await shown(other)).length === (await shown(page)).length, "all steps");
    assert.deepEqual(await shown(other), await shown(page));
    assert.equal(await picture(other).getAttribute("aria-label"), await picture(page).getAttribute("aria-label"));
    assert.match(await other.title(), new RegExp(callId));
    // Pages without TLS from another machine may not copy: the address is there to be copied by hand.
    await other.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
    await other.getByRole("button", { name: "Copy address" }).click();
    const field = other.getByRole("dialog").getByRole("textbox", { name: "Address" });
    assert.equal(await field.inputValue(), address);
    assert.equal(await field.evaluate((one) => one.selectionEnd - one.selectionStart), address.length);
    await isAccessible(other, "the address");
    await other.close();
  });

  test("is found by the id of a later leg, and by who was on it", async () => {
    const before = await shown(page);
    await search(page).fill(later);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/journey/${later}`);
    await picture(page).getByText(/^Hung up, /).waitFor();
    // What runs is known a second after it was read.
    const isSame = async () => isDeepStrictEqual(await shown(page), before);
    await eventually(isSame, "the same rows").catch(async () => assert.deepEqual(await shown(page), before));

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

  test("is looked at with a mouse", async () => {
    const seen = () => timeline(page).evaluate((one) => [one.scrollWidth / one.clientWidth, one.scrollLeft]);
    const hold = picture(page).locator("rect[data-activity=hold]").first();
    await hold.hover();
    await page.getByRole("status").filter({ hasText: "hold Anna Ash" }).filter({ hasText: /\d:\d\d/ }).waitFor();
    await page.keyboard.down("Control");
    for (let turn = 0; turn < 3; turn += 1) await page.mouse.wheel(0, -100);
    await page.keyboard.up("Control");
    const [, before] = await eventually(async () => {
      const [zoom, scroll] = await seen();
      return zoom > 2 && scroll > 50 && [zoom, scroll];
    }, "it is looked at more closely, where the mouse is");
    const { x, y } = await timeline(page).boundingBox();
    await page.mouse.move(x + 400, y + 60);
    await page.mouse.down();
    await page.mouse.move(x + 440, y + 60, { steps: 4 });
    await page.mouse.up();
    await eventually(async () => Math.abs((await seen())[1] - (before - 40)) < 3, "it was dragged");
    await page.getByRole("button", { name: "Whole call" }).click();
    await eventually(async () => (await seen())[0] === 1, "the whole is shown again");
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
