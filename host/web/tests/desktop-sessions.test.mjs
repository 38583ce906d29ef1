// What becomes of a session when others come, tabs are many, and pages, servers and computers go away.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { closeAll, openBrowser } from "./support/browser.mjs";
import { button, card, enter, hasState, isAccessibleInBoth, log, openDesktop, signIn, state, waiting } from "./support/desktop.mjs";
import { Platform } from "./support/platform.mjs";
import { eventually, pageOf, scripted, serve, stopAll } from "./support/server.mjs";

let platform;
after(async () => {
  await stopAll();
  await closeAll();
  platform?.close();
});

const CALLER = "+493055501";
const COLLEAGUE = [200, { act: "agent_state", agent: "2002", state: "NotReady", reason: "3" }];

test("a take-over is asked about, and who loses the session hears who has it, and since when", async () => {
  const processor = await serve({ scenario: scripted([waiting(CALLER)]) });
  const one = await signIn(await openBrowser(), processor, "2001");
  await one.keyboard.press("F9");
  await card(one, CALLER).waitFor();
  await one.keyboard.press("F4");
  await card(one).getByText("Talking").waitFor();

  const two = await openDesktop(await openBrowser(), processor);
  await enter(two, "2001");
  const question = two.getByRole("dialog", { name: "Take over the session of agent 2001?" });
  await question.getByText("1 call is in progress").waitFor();
  await question.getByText(/^pages, .+ on Linux$/).waitFor();
  await question.getByText(/through server/).waitFor();
  await question.getByText(/just now|s ago/).waitFor();
  await question.getByText("The call stays as it is: nobody is cut off").waitFor();
  await isAccessibleInBoth(two, "the question");
  assert.ok(await button(question, "Leave it").evaluate((button) => button === document.activeElement));
  // Left as it is.
  await two.keyboard.press("Enter");
  await question.waitFor({ state: "detached" });
  assert.equal(await card(one).count(), 1);
  assert.equal(await two.getByRole("alert").filter({ hasText: /./ }).count(), 0, "whoever left it hears no complaint");

  await two.getByLabel("Password").press("Enter");
  await button(question, "Take over").click();
  await card(two, CALLER).getByText("Talking").waitFor();
  const lost = one.getByRole("region", { name: "Your session was taken over" });
  await lost.getByText(/has the session of agent 2001 since \d\d:\d\d:\d\d \(just now|s ago\)/).waitFor();
  await lost.getByText("Calls went over as they were").waitFor();
  await isAccessibleInBoth(one, "the session is elsewhere");

  // And back.
  await one.getByLabel("Password").fill("2001");
  await button(one, "Take it back").click();
  await button(one.getByRole("dialog"), "Take over").click();
  await card(one, CALLER).getByText("Talking").waitFor();
  await two.getByText("Your session was taken over").waitFor();
});

test("a second tab is told politely, and both act on one session", async () => {
  const processor = await serve({ scenario: scripted([waiting(CALLER)]) });
  const browser = await openBrowser();
  const one = await signIn(browser, processor, "2001");
  const two = await browser.open(pageOf(processor, "/desktop"));
  await state(two).waitFor();
  for (const page of [one, two]) await page.getByText("This desktop is open in another tab too; both show the same").waitFor();
  await two.keyboard.press("F9");
  await card(one, CALLER).waitFor();
  await log(one).getByText("Another tab").first().waitFor();
  await one.keyboard.press("F4");
  await card(two, CALLER).getByText("Talking").waitFor();
  await log(two).getByText(`answered the call with ${CALLER}`).waitFor();
  assert.equal(await processor.metric("links"), 1);
  await two.keyboard.press("F8");
  await log(one).getByText(`ended the call with ${CALLER}`).waitFor();
  await button(two, "Finish without a code").click();
  await hasState(one, /^Ready$/);
  await two.close();
  await one.getByText("open in another tab").waitFor({ state: "detached" });
  await button(one, "Log out").click();
  await one.getByRole("menuitem", { name: /^End of Shift/ }).click();
  await one.getByText("You are logged out.").waitFor();
});

test("a reload goes on with the call, without a sign-in", async () => {
  const processor = await serve({ scenario: scripted([waiting(CALLER)]) });
  const page = await signIn(await openBrowser(), processor, "2001");
  await page.keyboard.press("F9");
  await card(page, CALLER).waitFor();
  await page.keyboard.press("F4");
  await card(page).getByText("Talking").waitFor();
  await page.addInitScript(() => {
    globalThis.forms = 0;
    new MutationObserver(() => {
      if (document.querySelector("input[type=password]")) globalThis.forms += 1;
    }).observe(document, { childList: true, subtree: true });
  });
  await page.reload();
  await card(page, CALLER).getByText("Talking").waitFor();
  assert.equal(await page.evaluate(() => globalThis.forms), 0, "no form was seen");
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  assert.ok(!kept.includes("2001"), `who signed in, and the password, are kept nowhere: ${kept}`);
  await page.keyboard.press("F8");
  await hasState(page, "Wrap-up");
});

test("a server that is killed and started again: the desktop is back by itself, and hangs up the call", async () => {
  platform = await Platform.start();
  const processor = await serve({ cti: platform.config });
  const browser = await openBrowser();
  const page = await signIn(browser, processor, "2001");
  await page.keyboard.press("F9");
  await hasState(page, /^Ready$/);
  platform.ring();
  await card(page, CALLER).waitFor();
  await page.keyboard.press("F4");
  await card(page).getByText("Talking").waitFor();
  await processor.kill();
  await eventually(async () => (await button(card(page), "Hang up").getAttribute("title")) === "Waiting for the connection", "it waits");
  await processor.run();
  await card(page, CALLER).getByText("Talking").waitFor();
  await eventually(async () => (await button(card(page), "Hang up").getAttribute("aria-disabled")) === null, "it may hang up");
  await log(page).getByText("signed you in again. The server was started anew").waitFor();

  // A page that does not know the password any more asks for it, and says why.
  await page.reload();
  await card(page, CALLER).waitFor();
  await processor.kill();
  await processor.run();
  await page.getByText(/The server was started anew/).waitFor();
  await page.getByText("Calls on your phone go on.").waitFor();
  assert.equal(await page.getByLabel("Agent id").inputValue(), "2001");
  await page.getByLabel("Password").fill("2001");
  await page.keyboard.press("Enter");
  await card(page, CALLER).waitFor();
  await page.keyboard.press("F8");
  await hasState(page, /^Ready$/);
  assert.equal(platform.call, undefined);
});

test("eight hours asleep: the page says so, and recovers by itself", async () => {
  const processor = await serve({ scenario: scripted([waiting(CALLER)]), limits: { "grace-ms": 1_000 } });
  const page = await signIn(await openBrowser(), processor, "2001");
  await page.keyboard.press("F9");
  await card(page, CALLER).waitFor();
  await page.keyboard.press("F4");
  await card(page).getByText("Talking").waitFor();
  processor.line.cut();
  await page.getByText(/^Disconnected: .*Showing what was known at/).waitFor();
  await state(page).getByText("as of").waitFor();
  await page.clock.install();
  await page.clock.fastForward("08:00:00");
  await page.getByText(/Reconnecting for/).waitFor();
  // Longer than the server keeps the session.
  await eventually(async () => (await processor.metric("links")) === 0, "the server gave the link up");
  processor.line.restore();
  await page.clock.runFor(60_000);
  await page.getByText(/everything was read anew/).waitFor();
  await state(page).waitFor();
  await eventually(async () => (await button(page, "Hang up").getAttribute("aria-disabled")) === null, "the call can be ended");
});

describe("a supervisor", () => {
  test("sees the team beside the desktop and acts on it, and the agent hears who did it", async () => {
    const processor = await serve({ scenario: scripted([COLLEAGUE]) });
    const [agent, supervisor] = [await signIn(await openBrowser(), processor, "2001"), await signIn(await openBrowser(), processor, "1001")];
    const row = supervisor.getByRole("listitem").filter({ hasText: "2001" }).first();
    await row.getByRole("button", { name: /^What can be done with/ }).click();
    assert.match(await supervisor.getByRole("menuitem", { name: /^Listen in/ }).getAttribute("title"), /is on no call/);
    await supervisor.getByRole("menuitem", { name: /^Make ready/ }).click();
    await row.getByText("Ready", { exact: true }).waitFor();
    await hasState(agent, /^Ready$/);
    await log(agent).getByText("set you ready").waitFor();
    await row.getByRole("button", { name: /^What can be done with/ }).click();
    await supervisor.getByRole("menuitem", { name: /^Make not ready/ }).click();
    await log(agent).getByText("A supervisor").waitFor();
    await log(agent).getByText("set you not ready").waitFor();
    await isAccessibleInBoth(supervisor, "a supervisor's desktop");
  });
});

describe("signing in", () => {
  test("says what is wrong beside the field, and how long an agent is locked", async () => {
    const processor = await serve();
    const page = await openDesktop(await openBrowser(), processor);
    await isAccessibleInBoth(page, "the sign-in");
    await enter(page, "2001", "wrong");
    await page.getByRole("alert").filter({ hasText: "The agent id or the password is wrong" }).waitFor();
    assert.equal(await page.getByLabel("Password").inputValue(), "");
    assert.equal(await page.getByLabel("Password").getAttribute("aria-invalid"), "true");
    for (let time = 0; time < 5; time += 1) {
      await page.getByLabel("Password").fill(`wrong ${time}`);
      await page.keyboard.press("Enter");
      await eventually(async () => (await page.getByLabel("Password").inputValue()) === "", "the answer came");
      if (await page.getByText("this agent is locked for a while").count()) break;
    }
    await page.getByRole("alert").filter({ hasText: "this agent is locked for a while" }).waitFor();
    await page.getByText(/It may be tried again in \d+:\d\d/).waitFor();
    await page.getByLabel("Password").fill("2001");
    assert.equal(await button(page, "Sign in").getAttribute("title"), "Wait until it may be tried again");
  });
});
