// Behaviour in Node against the real server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ProcessorError, connect } from "interaction-processor";

import { closing } from "./support/closing.mjs";
import { Processor, changes, eventually, scripted } from "./support/processor.mjs";
import { Witness } from "./support/witness.mjs";

/** Lines that are cut, each this many bytes later than the one before: a start of session and roster is some 9 kB. */
const LINES = 24;
const LATER = 400;

let processor;
const unhandled = [];
process.on("unhandledRejection", (error) => unhandled.push(error));
before(async () => {
  processor = await Processor.start({ scenario: scripted(changes(["2002", "2003"], 60, 250)), lines: LINES });
});
after(async () => {
  await processor?.stop();
  assert.deepEqual(unhandled, []);
});
const client = (more = {}) => connect({ url: processor.directUrl, name: "node test", ...more });
const refused = (code) => (error) => error instanceof ProcessorError && error.code === code && error.message !== "";

test("the connection is told with its reasons, and the services with it", async () => {
  const one = closing(client());
  const states = [one.connection.state];
  one.on("connection", ({ state }) => states.push(state));
  await one.live();
  assert.deepEqual(states, ["connecting", "live"]);
  assert.equal(one.connection.server.name, "interaction-processor");
  await eventually(() => one.services[0]?.serviceStatus.status === "InService", "the service is told");
  assert.equal((await one.capabilities())["telephony-supported"], true);
});

test("a roster is iterated, listened to, shared and closed", async () => {
  const one = closing(client());
  const roster = one.teamStatus("1001");
  const again = one.teamStatus("1001");
  let heard = 0;
  again.on("change", ({ event }) => (heard += event ? 1 : 0));
  let turns = 0;
  for await (const { teams, isCurrent } of roster) {
    assert.ok(isCurrent);
    assert.equal([...teams.values()][0].members.size, 11);
    if (++turns === 3) break;
  }
  assert.ok(heard >= 1);
  roster.close();
  await eventually(() => heard >= 4, "the other one follows");
  again.close();
  assert.deepEqual(again.ended, { why: "closed" });
  const before = heard;
  await new Promise((done) => setTimeout(done, 600));
  assert.equal(heard, before);
});

test("an agent's session starts, acts and is closed", async () => {
  const one = closing(client());
  const session = await one.prepareSession({ agentId: "2004", password: "2004" });
  const names = [];
  session.on("event", ({ name }) => names.push(name));
  await session.start();
  assert.ok(names.includes("session.initialized"));
  assert.ok(session.isInitialized && session.agentId === "2004");
  const [channel] = session.channels;
  assert.ok(session.can("channel.ready", channel.target));
  const events = session.events();
  await session.ready();
  for await (const event of events) if (event.name === "state.updated" || event.name === "channel.infochanged") break;
  await eventually(() => session.channels[0].availability?.state === "READY", "the channel is ready");
  await session.notReady();
  await eventually(() => session.channels[0].availability?.state === "NOT_READY", "the channel is not");
  await session.dial("+493018888");
  await eventually(() => session.interactions.length === 1, "a contact is there");
  await eventually(() => session.can("conversation.drop"), "it may be dropped");
  await session.request("conversation.drop", session.conversations[0].target);
  await eventually(() => session.interactions.length === 0, "the contact is gone", 60_000);
  await session.logout();
  await eventually(() => session.ended, "the session is over");
  await assert.rejects(session.ready(), refused("client.stopped"));
});

test("a session that somebody has is taken over by its user's word alone", async () => {
  const one = closing(client({ name: "first" }));
  const session = await one.prepareSession({ agentId: "2006", password: "2006" });
  await session.start();
  const two = closing(client({ name: "second" }));
  const who = { agentId: "2006", password: "2006" };
  await assert.rejects(two.prepareSession(who), refused("client.declined"));
  await assert.rejects(two.prepareSession({ ...who, confirm: () => false }), refused("client.declined"));
  assert.equal(session.ended, undefined);
  let asked;
  const taken = await two.prepareSession({ ...who, confirm: async (holder) => ((asked = holder), true) });
  assert.deepEqual([asked.agentId, asked.calls], ["2006", 0]);
  assert.notEqual(asked.message, "");
  await taken.start();
  await eventually(() => session.ended, "the first hears of it");
  assert.deepEqual([session.ended.why, session.ended.client], ["superseded", "second"]);
  assert.ok(Math.abs(session.ended.at - Date.now()) < 60_000, JSON.stringify(session.ended));
});

test("failures are typed, with code, words and values", async () => {
  const one = closing(client());
  await assert.rejects(one.prepareSession({ agentId: "2007", password: "no" }), refused("credentials.invalid"));
  await assert.rejects(one.callJourney("nothing"), refused("call.unknown"));
  await assert.rejects(one.callJourney("x".repeat(1 << 20)), refused("request.toolarge"));
  const roster = one.teamStatus("9999");
  await assert.rejects(roster.ready(), refused("agent.unknown"));
  assert.equal(roster.ended.why, "refused");
  await assert.rejects(async () => { for await (const _ of one.teamStatus("9999")); }, refused("agent.unknown"));
  assert.throws(() => connect({ url: "no address" }), refused("config.invalid"));
  assert.throws(() => connect({ url: [] }), refused("config.invalid"));
  assert.throws(() => connect({}), refused("config.invalid"));
  assert.throws(() => one.on("connection", "no function"), TypeError);
});

test("what is given up is answered", async () => {
  const one = closing(client());
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(one.callJourney("1", { signal }), refused("client.cancelled"));
  await assert.rejects(one.live({ signal: AbortSignal.abort() }), (error) => error.code === "client.cancelled");
  const leaving = new AbortController();
  const waiting = one.recentCalls({}, { signal: leaving.signal });
  leaving.abort();
  await assert.rejects(waiting, refused("client.cancelled"));
  const away = closing(connect({ url: "ws://127.0.0.1:1/v1/ws" }));
  await assert.rejects(away.recentCalls({}, { withinMs: 100 }), refused("request.deadline"));
  await eventually(() => away.connection.state === "reconnecting", "it says that it tries again");
  assert.equal(away.connection.why.reason, "unreachable");
});

test("a closed client says so, and may be closed again", async () => {
  const one = client();
  const roster = one.teamStatus("1001");
  const session = await one.prepareSession({ agentId: "2008", password: "2008" });
  const asked = assert.rejects(one.recentCalls(), refused("client.stopped"));
  const live = one.live();
  one.close();
  await asked;
  await live.catch(() => {});
  one.close();
  one[Symbol.dispose]();
  assert.equal(one.connection.state, "closed");
  assert.deepEqual([roster.ended.why, session.ended.why], ["stopped", "stopped"]);
  await assert.rejects(one.recentCalls(), refused("client.stopped"));
  await assert.rejects(one.live(), refused("client.stopped"));
  await assert.rejects(session.start(), refused("client.stopped"));
  assert.throws(() => one.teamStatus("1001"), refused("client.stopped"));
  assert.throws(() => one.retry(), refused("client.stopped"));
  const leaving = new AbortController();
  const two = client({ signal: leaving.signal });
  leaving.abort();
  assert.ok(two.isClosed);
});

test("listeners that throw are told of and stop nothing", async (t) => {
  const told = [];
  t.mock.method(console, "error", (error) => told.push(error));
  const one = closing(client());
  const after = new Promise((heard) => {
    one.on("connection", () => { throw new Error("first"); }, { once: true });
    one.on("connection", async () => { throw new Error("second"); }, { once: true });
    one.on("connection", heard);
  });
  await after;
  await eventually(() => told.length === 2, "both are told");
  assert.deepEqual(told.map(({ code, cause }) => [code, cause.message]), [["client.listener", "first"], ["client.listener", "second"]]);
});

test("a token is asked for before every connect, and what it throws is told", async () => {
  let asked = 0;
  const one = closing(client({ url: processor.url, token: async () => `token ${++asked}` }));
  await one.live();
  assert.equal(asked, 1);
  for (const times of [2, 3]) {
    const resumed = new Promise((heard) => one.on("resumed", heard, { once: true }));
    processor.line.drop();
    await resumed;
    assert.equal(asked, times);
  }
  const two = closing(client({ token: () => { throw new Error("signed out"); } }));
  await eventually(() => two.connection.state === "reconnecting", "it tries again");
  assert.match(two.connection.why.message, /signed out/);
  const three = closing(client({ token: () => "" }));
  await assert.rejects(three.live(), refused("client.token"));
});

test("a line that is cut at any moment of a beginning: everything is there in the end", async () => {
  let cut = 0;
  const begin = async (line, at) => {
    line.cutAfter = at * LATER;
    const one = closing(connect({ url: line.url, name: `cut after ${line.cutAfter}` }));
    one.on("connection", ({ state }) => (cut += state === "reconnecting" ? 1 : 0));
    const roster = one.teamStatus("1001");
    const agentId = String(2011 + at);
    const session = await one.prepareSession({ agentId, password: agentId });
    await session.start();
    assert.ok(session.can("channel.ready"), `cut after ${at * LATER} bytes`);
    return roster.ready();
  };
  const rosters = await Promise.all(processor.lines.map(begin));
  assert.ok(cut >= LINES / 2, `${cut} were cut`);
  const witness = closing(await Witness.of(processor.directUrl, "1001"));
  const told = (members) => [...members].map(({ memberId, state, since }) => [memberId, state, since]).sort();
  for (const [at, roster] of rosters.entries()) {
    const isSame = () => JSON.stringify(told(roster.members())) === JSON.stringify(told(witness.members.values()));
    await eventually(isSame, `the roster that was cut after ${at * LATER} bytes is as others have it`);
  }
});
