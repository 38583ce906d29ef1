// An agent at work on the desktop: calls, consultations, wrap-up, and what the page says of them.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { closeAll, fits, openBrowser } from "./support/browser.mjs";
import { button, card, hasState, isAccessibleInBoth, log, openDesktop, signIn, state, waiting } from "./support/desktop.mjs";
import { eventually, scripted, serve, stopAll } from "./support/server.mjs";

after(async () => {
  await stopAll();
  await closeAll();
});

const CALLER = "+493055501";
const COLLEAGUE = [200, { act: "agent_state", agent: "2002", state: "NotReady", reason: "3" }];

describe("a call", () => {
  test("goes from ring to wrap-up by keyboard alone", async () => {
    const processor = await serve({ scenario: scripted([waiting(CALLER), waiting("+493055502", 400)]) });
    const browser = await openBrowser();
    const page = await openDesktop(browser, processor);
    await page.keyboard.type("2001");
    await page.keyboard.press("Tab");
    await page.keyboard.type("2001");
    await page.keyboard.press("Enter");
    await hasState(page, "Not ready");
    await page.keyboard.press("F9");
    await page.getByRole("alert").filter({ hasText: `Call from ${CALLER}, General. Answer with F4.` }).waitFor();
    assert.match(await page.title(), new RegExp(`^☎ \\${CALLER}`));
    await hasState(page, "Ringing");
    await page.keyboard.press("F4");
    await card(page, CALLER).getByText("Talking").waitFor();
    await page.keyboard.press("F6");
    await card(page, CALLER).getByText("On hold").waitFor();
    await page.keyboard.press("F6");
    await card(page, CALLER).getByText("Talking").waitFor();

    // The keypad takes digits, in order, and says what was sent.
    await page.keyboard.press("#");
    await page.keyboard.type("42*#");
    await card(page).getByText("42*#").waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await page.getByRole("region", { name: "Keypad" }).count(), 0);

    // Not ready, for lunch, once the call is over.
    await page.keyboard.press("F10");
    await page.keyboard.press("1");
    await state(page).getByText("Not ready: Lunch after this call").waitFor();
    await page.keyboard.press("F8");
    await hasState(page, "Not ready: Lunch");
    assert.equal(await card(page).count(), 0);

    // The next one is wrapped up with a code.
    await page.keyboard.press("F9");
    await card(page, "+493055502").waitFor();
    await page.keyboard.press("F4");
    await card(page).getByText("Talking").waitFor();
    await page.keyboard.press("F8");
    await hasState(page, "Wrap-up");
    await card(page).getByText("You ended it.").waitFor();
    await page.waitForFunction(() => document.activeElement?.matches("input[type=radio]"));
    await page.keyboard.press("2");
    assert.ok(await page.getByRole("radio", { name: "Call Back" }).isChecked());
    await page.keyboard.press("Enter");
    await hasState(page, /^Ready$/);
    assert.equal(await card(page).count(), 0);
  });

  test("tells at each button why it cannot be pressed, and at the card what failed", async () => {
    const processor = await serve({ scenario: scripted([waiting(CALLER)]) });
    const browser = await openBrowser({ width: 320, height: 800 });
    const page = await signIn(browser, processor, "2001");
    await page.keyboard.press("F9");
    await card(page, CALLER).waitFor();
    const why = (name) => button(card(page), name).getAttribute("title");
    assert.equal(await why("Hold"), "Answer the call first");
    assert.equal(await why("Transfer"), "Answer the call first");
    await fits(page, "a ringing call at 320 px");
    await isAccessibleInBoth(page, "a ringing call");
    await button(card(page), "Answer").click();
    await card(page).getByText("Talking").waitFor();
    assert.equal(await why("Answer"), "You are on this call already");
    await button(card(page), "Hold").click();
    await button(card(page), "Retrieve").waitFor();
    assert.equal(await why("Keypad"), "The call is on hold: retrieve it first");
    assert.equal(await why("Conference"), "The call is on hold: retrieve it first");
    assert.equal(await button(page, "Log out").getAttribute("title"), "A contact goes on: end it first");
    assert.equal(await button(page, "Dial").getAttribute("title"), "You are on a call: consult or transfer from its card");
    // A key says it, too.
    await page.keyboard.press("#");
    await hasState(page, "Keypad: The call is on hold: retrieve it first");
    await button(card(page), "Transfer").click();
    await page.getByLabel("Transfer to").fill("no number");
    await page.keyboard.press("Enter");
    const failure = card(page).getByRole("alert");
    await failure.getByText("Transfer failed.").waitFor();
    await failure.getByText("destination.invalid").waitFor();
    await fits(page, "a failure at 320 px");
    await isAccessibleInBoth(page, "a failure");

    // Without a connection nothing can be done, and everything stays.
    processor.line.cut();
    await eventually(async () => (await why("Retrieve")) === "Waiting for the connection", "the buttons wait");
    await state(page).getByText("as of").waitFor();
    processor.line.restore();
    await eventually(async () => (await why("Retrieve")) !== "Waiting for the connection", "the buttons are back");
  });

  test("is consulted about and transferred, with both conversations in sight", async () => {
    const processor = await serve({ scenario: scripted([COLLEAGUE, waiting(CALLER)]) });
    const browser = await openBrowser();
    const page = await signIn(browser, processor, "2001");
    await page.keyboard.press("F9");
    await card(page, CALLER).waitFor();
    await page.keyboard.press("F4");
    await button(card(page), "Consult").click();
    // The colleague is found by what is typed, with the state.
    await page.getByLabel("Consult with").fill("2002");
    await page.getByRole("option", { name: /2002.*Not ready/ }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    const consult = card(page).getByRole("region", { name: "Consultation" });
    await consult.getByText("Dialling").waitFor();
    const lines = consult.getByRole("listitem");
    await lines.nth(0).getByText("On hold").waitFor();
    await lines.nth(0).getByText(CALLER).waitFor();
    assert.match(await button(consult, "Make conference").getAttribute("title"), /Nobody has answered yet/);
    await lines.nth(1).getByText("Talking").waitFor();
    assert.equal(await button(card(page), "Transfer").getAttribute("title"), "You are consulting: complete or drop that first");
    await page.keyboard.press("F6");
    await lines.nth(0).getByText("Talking").waitFor();
    await lines.nth(1).getByText("On hold").waitFor();
    await isAccessibleInBoth(page, "a consultation");
    await page.setViewportSize({ width: 320, height: 800 });
    await fits(page, "a consultation at 320 px");
    await button(consult, "Complete transfer").click();
    await hasState(page, "Wrap-up");
    await isAccessibleInBoth(page, "wrap-up");
    await page.getByRole("radio", { name: "Resolved" }).check();
    // Going ready finishes with what was chosen.
    await page.keyboard.press("F9");
    await hasState(page, /^Ready$/);
    assert.equal(await card(page).count(), 0);
  });

  test("that is not answered goes back to the queue, which the log tells; and a reason is asked for where one is wanted", async () => {
    const scenario = `logout_reason_required = true\n${scripted([waiting(CALLER)])}\n[calls]\nring_max_ms = 1200\n`;
    const page = await signIn(await openBrowser(), await serve({ scenario }), "2001");
    await page.keyboard.press("F9");
    await hasState(page, "Ringing");
    await hasState(page, "Not ready: Did not answer");
    await log(page).getByText("set you not ready: Did not answer").waitFor();
    await log(page).getByText(`Telephony platform took the call with ${CALLER} back: it was not answered`).waitFor();
    assert.equal(await card(page).count(), 0);
    await button(page, "Log out").click();
    await page.getByRole("menuitem", { name: /^End of Shift/ }).waitFor();
    assert.equal(await page.getByRole("menuitem", { name: /^Without a reason/ }).count(), 0);
    await page.keyboard.press("2");
    await page.getByText("You are logged out.").waitFor();
  });

  test("that the caller ends is told with who did it", async () => {
    const processor = await serve({ scenario: scripted([waiting(CALLER), [6_000, { act: "hang_up", from: CALLER }]]) });
    const page = await signIn(await openBrowser(), processor, "2001");
    await page.keyboard.press("F9");
    await card(page, CALLER).waitFor();
    await page.keyboard.press("F4");
    await log(page).getByText(`${CALLER} hung up`).waitFor();
    await card(page).getByText("The caller hung up.").waitFor();
  });
});

describe("other work", () => {
  test("chats are accepted by a key of the agent's own, and completed; while the platform is away nothing can be done", async () => {
    const chat = [400, { act: "call", queue: "General", from: "visitor 7", media: "Chat", abandon_ms: 600_000 }];
    const processor = await serve({ scenario: scripted([chat, [7_000, { act: "outage", for_ms: 2_000 }]]) });
    const browser = await openBrowser({ width: 360, height: 800 });
    const page = await signIn(browser, processor, "2001");
    await button(page, "Keys").click();
    await page.getByRole("button", { name: /^Answer: F4/ }).click();
    await page.keyboard.press("F6");
    await page.getByText("F6 was the key of “Hold, retrieve, alternate”, which now has F4.").waitFor();
    await isAccessibleInBoth(page, "the keys");
    await button(page, "Done").click();
    await page.keyboard.press("F9");
    await card(page, "visitor 7").getByText("Ringing").waitFor();
    await page.keyboard.press("F6");
    await card(page).getByText("In progress").waitFor();
    assert.equal(await button(card(page), "Refuse").getAttribute("title"), "You have it already: complete it");
    await fits(page, "a chat at 320 px");
    await isAccessibleInBoth(page, "a chat");
    await eventually(async () => (await button(card(page), "Complete").getAttribute("title")) === "The telephony platform is away", "the platform is away");
    await eventually(async () => (await button(card(page), "Complete").getAttribute("aria-disabled")) === null, "the platform is back");
    await button(card(page), "Complete").click();
    await card(page).waitFor({ state: "detached" });
  });
});

describe("names and data", () => {
  const SCRIPT = "<script>alert(1)</script>";
  const LONG = "A name without an end ".repeat(9).slice(0, 199).trim();
  const NAMES = { 2001: SCRIPT, 2002: "عبد الرحمن بن خالد", 2003: "👩‍💻 Zoë Ångström", 2004: LONG };

  test("of any script and length are text, and data can be changed", async () => {
    const renamed = Object.entries(NAMES).map(([agent, name], n) => [100 + n, { act: "agent_renamed", agent, name }]);
    const processor = await serve({ scenario: scripted([...renamed, waiting("<img src=x onerror=alert(1)>")]) });
    const browser = await openBrowser({ width: 320, height: 800, colorScheme: "dark" });
    const page = await signIn(browser, processor, "2001");
    page.on("dialog", () => assert.fail("a name was run"));
    await page.getByText(SCRIPT).waitFor();
    for (const name of [NAMES[2002], NAMES[2003], LONG]) {
      await page.getByLabel("Number or colleague").fill(name.slice(0, 12));
      await page.getByRole("option").filter({ hasText: name }).waitFor();
    }
    await fits(page, "names at 320 px");
    await page.keyboard.press("Escape");
    await page.getByLabel("Number or colleague").fill("");
    await page.keyboard.press("F9");
    await page.getByRole("article", { name: "<img src=x onerror=alert(1)>" }).waitFor();
    await page.keyboard.press("F4");
    await card(page).getByText("Talking").waitFor();
    await page.getByText("Details", { exact: true }).click();
    await page.getByLabel("Variable 1").fill("<b>gold</b> ذهب");
    await page.keyboard.press("Enter");
    await card(page).getByRole("definition").filter({ hasText: "<b>gold</b> ذهب" }).first().waitFor();
    assert.equal(await page.locator("main b, main img, main script").count(), 0);
    await fits(page, "data at 320 px");
    await isAccessibleInBoth(page, "a call with data");
  });
});
