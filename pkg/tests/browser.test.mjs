// Behaviour in Chromium against the real server: what happens to lines, tabs, servers and sleepers, the application hears.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { openBrowser, serve } from "./support/pages.mjs";
import { Processor, changes, eventually, scripted } from "./support/processor.mjs";
import { Witness } from "./support/witness.mjs";

const DIST = "/modules/interaction-processor/dist/esm";
let pages, browser;
before(async () => {
  pages = await serve({ "/modules/": join(process.env.PROJECT, "node_modules") });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  pages?.close();
  assert.deepEqual(browser?.errors, []);
});

/** A page with a client in `window.client`, which notes what it hears. */
async function tab(url, entry = "browser", options = {}) {
  const page = await browser.open(pages.origin);
  await page.evaluate(async ([module, options]) => {
    window.api = await import(module);
    await window.api.init?.();
    window.heard = [];
    window.client = window.api.connect(options);
    for (const name of ["resumed", "resnapshotted", "warning"]) {
      window.client.on(name, (what) => window.heard.push({ name, ...what }));
    }
    window.states = [];
    window.client.on("connection", ({ state, why }) => window.states.push([state, why?.reason]));
    await window.client.live();
  }, [`${DIST}/${entry}.js`, { url, name: "browser test", ...options }]);
  return page;
}

/** Follows the teams of 1001 in `window.roster`, noting each change of a member. */
async function follow(page) {
  await page.evaluate(async () => {
    window.changes = [];
    window.roster = window.client.teamStatus("1001");
    window.roster.on("change", ({ event }) => {
      if (!event?.name.endsWith("memberstatuschanged")) return;
      for (const { memberId, state, since } of event.data.team.members) window.changes.push([memberId, state, since]);
    });
    await window.roster.ready();
  });
}

/** The roster as the page has it, by member. */
const roster = (page) => page.evaluate(() => Object.fromEntries([...window.roster.members()].map((member) => [member.memberId, member])));
const heard = (page, name) => eventually(
  () => page.evaluate((name) => window.heard.find((one) => one.name === name), name), `the page hears ${name}`,
);

/** Signs an agent in, in `window.session`. */
const signIn = (page, agentId, confirm = false) => page.evaluate(async ([agentId, confirm]) => {
  window.asked = undefined;
  window.session = await window.client.prepareSession({
    agentId, password: agentId, confirm: (holder) => ((window.asked = holder), confirm),
  });
  await window.session.start();
  return window.asked;
}, [agentId, confirm]);

/** Ends a page as a fault of the browser would. */
async function crash(page) {
  const devtools = await browser.context.newCDPSession(page);
  const crashed = new Promise((heard) => page.once("crash", heard));
  // Nobody is left to answer it.
  devtools.send("Page.crash").catch(() => {});
  await crashed;
}

test("a socket that is cut mid-stream is restored with nothing missing and nothing twice", async () => {
  const scenario = scripted(changes(["2002", "2003", "2004"], 90, 60, 2_500));
  const processor = await Processor.start({ scenario, origin: pages.origin });
  const witness = await Witness.of(processor.directUrl, "1001");
  const page = await tab(processor.url);
  await follow(page);
  for (const at of [10, 30, 50, 70]) {
    await eventually(() => witness.changes.length >= at, "changes come");
    processor.line.drop();
  }
  await eventually(() => witness.changes.length >= 90, "all changes came");
  await eventually(async () => (await page.evaluate(() => window.changes.length)) >= witness.changes.length, "the page has them");
  assert.deepEqual(await page.evaluate(() => window.changes), witness.changes);
  assert.deepEqual(await roster(page), Object.fromEntries(witness.members));
  const notes = await page.evaluate(() => window.heard);
  assert.ok(notes.length >= 1 && notes.every(({ name }) => name === "resumed"), JSON.stringify(notes));
  assert.ok(notes.reduce((sum, { messages }) => sum + messages, 0) > 0, JSON.stringify(notes));
  witness.close();
  await page.close();
  await processor.stop();
});

test("two tabs follow one agent, and one of them has the session", async () => {
  const processor = await Processor.start({ origin: pages.origin });
  const [one, two] = [await tab(processor.url), await tab(processor.url)];
  await Promise.all([follow(one), follow(two)]);
  assert.equal(await signIn(one, "2002"), undefined);
  const asked = await signIn(two, "2002", true);
  assert.equal(asked.agentId, "2002");
  await eventually(() => one.evaluate(() => window.session.ended?.why === "superseded"), "the first tab hears of it");
  await two.evaluate(() => window.session.ready());
  for (const page of [one, two]) {
    await eventually(async () => (await roster(page))["2002"].state === "ready", "both see it");
  }
  await one.close();
  await two.close();
  await processor.stop();
});

test("a page that is reloaded during a call finds the call again", async () => {
  const processor = await Processor.start({ origin: pages.origin });
  let page = await tab(processor.url);
  await signIn(page, "2002");
  await page.evaluate(() => window.session.dial("+493018888"));
  await eventually(() => page.evaluate(() => window.session.interactions[0]?.initialized), "the call is there");
  const callId = await page.evaluate(() => window.session.interactions[0].object.callId);
  await page.reload();
  await page.close();
  page = await tab(processor.url);
  const asked = await signIn(page, "2002", true);
  assert.equal(asked.calls, 1);
  assert.deepEqual(await page.evaluate(() => window.session.interactions.map(({ object }) => object.callId)), [callId]);
  assert.ok(await page.evaluate(() => window.session.can("conversation.drop")));
  await page.close();
  await processor.stop();
});

test("a server that is killed and started again: everything is read anew, and the page hears why", async () => {
  const processor = await Processor.start({ origin: pages.origin });
  const page = await tab(processor.url);
  await follow(page);
  await signIn(page, "2002");
  await processor.kill();
  await eventually(() => page.evaluate(() => window.client.connection.state === "reconnecting"), "the page hears of it");
  await processor.run();
  await page.evaluate(() => window.client.retry());
  const { why, sessionsLost } = await heard(page, "resnapshotted");
  assert.deepEqual([why, sessionsLost], ["unknown", 1]);
  assert.equal(await page.evaluate(() => window.session.ended.why), "linkLost");
  const witness = await Witness.of(processor.directUrl, "1001");
  await eventually(() => page.evaluate(() => window.roster.isCurrent), "the roster is whole again");
  assert.deepEqual(await roster(page), Object.fromEntries(witness.members));
  assert.equal(await signIn(page, "2002", true), undefined);
  witness.close();
  await page.close();
  await processor.stop();
});

test("eight hours asleep: the dead socket is noticed at once, and the page hears what was missed", async () => {
  const scenario = scripted(changes(["2002", "2003"], 600, 100, 3_000));
  const processor = await Processor.start({ scenario, origin: pages.origin, limits: { "grace-ms": 1_000 } });
  const page = await browser.open(pages.origin);
  await page.close();
  await browser.context.addInitScript(() => {
    const now = Date.now.bind(Date);
    window.asleepMs = 0;
    Date.now = () => now() + window.asleepMs;
  });
  const sleeper = await tab(processor.url);
  await follow(sleeper);
  processor.line.lose();
  await new Promise((done) => setTimeout(done, 2_500));
  assert.deepEqual(await sleeper.evaluate(() => window.client.connection.state), "live", "nothing told it");
  await sleeper.evaluate(() => {
    window.asleepMs = 8 * 3_600_000;
    document.dispatchEvent(new Event("visibilitychange"));
  });
  const { why, awayMs } = await heard(sleeper, "resnapshotted");
  assert.equal(why, "expired");
  assert.ok(awayMs >= 8 * 3_600_000, `away for ${awayMs} ms`);
  assert.ok((await sleeper.evaluate(() => window.states)).some(([, reason]) => reason === "slept"), "it says why");
  const witness = await Witness.of(processor.directUrl, "1001");
  await eventually(() => witness.changes.length > 3, "something changes");
  await eventually(async () => {
    const [shown, told] = [await roster(sleeper), Object.fromEntries(witness.members)];
    return JSON.stringify(Object.keys(shown).sort().map((id) => shown[id])) === JSON.stringify(Object.keys(told).sort().map((id) => told[id]));
  }, "the page shows what is");

  // The clock is set right again: hours back, and time goes on all the same.
  processor.line.cut();
  const code = await sleeper.evaluate(async () => {
    window.asleepMs = 0;
    return window.client.recentCalls({}, { withinMs: 300 }).catch(({ code }) => code);
  });
  assert.equal(code, "request.deadline");
  witness.close();
  await sleeper.close();
  await processor.stop();
});

test("tabs share one link, and it outlives the reload and the crash of a tab", async () => {
  const processor = await Processor.start({ origin: pages.origin });
  const one = await tab(processor.url, "shared");
  const two = await tab(processor.url, "shared");
  await Promise.all([follow(one), follow(two)]);
  assert.equal(await processor.metric("links"), 1);
  await signIn(one, "2002");
  await one.evaluate(() => window.session.dial("+493018888"));
  await eventually(() => two.evaluate(() => window.client.sessions[0]?.interactions.length === 1), "the other tab has the call, too");

  await one.reload();
  const again = await tab(processor.url, "shared");
  assert.equal(await again.evaluate(() => window.client.sessions[0]?.interactions.length), 1);
  assert.ok(await again.evaluate(() => window.client.sessions[0].can("conversation.drop")));

  await crash(two);
  await eventually(() => again.evaluate(() => window.client.sessions[0].can("conversation.drop")), "the call may be dropped");
  await again.evaluate(() => {
    const [session] = window.client.sessions;
    return session.request("conversation.drop", session.conversations[0].target);
  });
  await eventually(() => again.evaluate(() => window.client.sessions[0].interactions.length === 0), "the call is over");
  await follow(again);
  assert.equal(Object.keys(await roster(again)).length, 11);
  assert.equal(await processor.metric("links"), 1);
  await again.close();
  await one.close();
  await processor.stop();
});

test("a shared link gets a token before every connect, from a tab that is there", async () => {
  const processor = await Processor.start({ origin: pages.origin });
  const open = async () => {
    const page = await browser.open(pages.origin);
    await page.evaluate(async ([module, url]) => {
      const { connect } = await import(module);
      window.asked = 0;
      window.client = connect({ url, name: "with a token", token: async () => `token ${++window.asked}` });
      await window.client.live();
    }, [`${DIST}/shared.js`, processor.url]);
    return page;
  };
  const asked = (page) => page.evaluate(() => window.asked);
  const first = await open();
  assert.equal(await asked(first), 1);
  const second = await open();
  processor.line.drop();
  await eventually(async () => (await asked(second)) >= 1, "the newest tab is asked");
  await crash(second);
  await first.evaluate(() => window.client.live());
  processor.line.drop();
  await eventually(async () => (await asked(first)) >= 2, "the one that is left is asked");
  await first.evaluate(() => window.client.live());
  await first.close();
  await processor.stop();
});

test("what is used before `init` says so, and a listener that throws reaches the page's own handler", async () => {
  const processor = await Processor.start({ origin: pages.origin });
  const page = await browser.open(pages.origin);
  const [code, message, told] = await page.evaluate(async ([module, url]) => {
    const { connect, init } = await import(module);
    let refused;
    try {
      connect({ url });
    } catch (error) {
      refused = error;
    }
    await init();
    const client = connect({ url });
    const told = new Promise((heard) => window.addEventListener("error", (event) => {
      event.preventDefault();
      heard([event.error.code, event.error.cause.message]);
    }));
    client.on("connection", () => { throw new Error("thrown"); });
    await client.live();
    return [refused.code, refused.message, await told];
  }, [`${DIST}/browser.js`, processor.url]);
  assert.equal(code, "client.notready");
  assert.match(message, /init/);
  assert.deepEqual(told, ["client.listener", "thrown"]);
  await page.close();
  await processor.stop();
});
