// Changes that come thick: given to the engine together, told one by one, and nothing else waits for them.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { connect } from "interaction-processor";

import { AGENTS, FakeLink } from "./support/fake-link.mjs";

/** Longer than anything is gathered. */
const REST_MS = 100;
const rest = (ms = REST_MS) => new Promise((done) => setTimeout(done, ms));

let link, events, client, roster, told;

/** A client with a roster that is whole and at rest, on a line without a network; `told` holds the changes in order. */
beforeEach(async (t) => {
  const transport = { open: (_, its) => {
    events = its;
    link = new FakeLink((text) => its.text(text));
    queueMicrotask(its.opened);
    return { send: (text) => queueMicrotask(() => link.heard(text)), close: (code, reason) => queueMicrotask(() => its.closed(code, reason)) };
  } };
  client = connect({ url: "ws://test/", transport });
  t.after?.(() => client.close());
  roster = await client.teamStatus("1001").ready();
  assert.equal([...roster.members()].length, AGENTS);
  told = [];
  roster.on("change", ({ event }) => told.push(event?.data.team.members[0].since - 1_790_000_000_000));
  await rest();
});

/** So many changes at one moment, however slow the machine is. */
function change(times) {
  const at = performance.now();
  const clock = mock.method(performance, "now", () => at);
  for (let n = 0; n < times; n++) link.change();
  clock.mock.restore();
}
const upTo = (last, first = 1) => Array.from({ length: last - first + 1 }, (_, n) => first + n);
const shown = (n) => [...roster.members()].find(({ memberId }) => memberId === String(20_000 + n));

test("the first change after a rest is told at once, those behind it within a moment, each once and in order", async () => {
  change(5);
  assert.deepEqual(told, [1]);
  await rest();
  assert.deepEqual(told, upTo(5));
  change(1);
  assert.deepEqual(told, upTo(6));
  assert.equal(shown(35).since, 1_790_000_000_006);
  client.close();
});

test("thousands at once are told without waiting for a timer", async () => {
  change(2_000);
  assert.ok(told.length > 1_000, `${told.length} were told`);
  await rest();
  assert.deepEqual(told, upTo(2_000));
  client.close();
});

test("in a hidden page, whose timers are late, nothing is gathered", async (t) => {
  globalThis.document = { visibilityState: "hidden" };
  t.after(() => delete globalThis.document);
  change(5);
  assert.deepEqual(told, upTo(5));
  client.close();
});

test("whatever else comes is told at once, and behind the changes before it", async () => {
  change(3);
  client.on("services", () => told.push("services"));
  link.event("serviceStatus", { serviceId: "processor", serviceStatus: { status: "InService", acceptingClients: true, clientCount: 2 } });
  assert.deepEqual(told, [1, 2, 3, "services"]);
  change(2);
  await client.report("report.calljourney.recent", {});
  assert.deepEqual(told.filter(Number), upTo(5));
  client.close();
});

test("changes before the end of a socket are told before it", async () => {
  client.on("connection", ({ state }) => told.push(state));
  change(3);
  events.closed(1006, "");
  assert.deepEqual(told, [1, 2, 3, "reconnecting"]);
  client.close();
});

test("what comes behind nonsense among thick changes is not told", async () => {
  client.on("connection", ({ state }) => told.push(state));
  change(3);
  events.text('{"messageType":"resourceEvent","event":{"name":"report.teamstatus.memberstatuschanged"');
  change(2);
  await rest();
  assert.deepEqual(told, [1, 2, 3, "reconnecting"]);
  client.close();
});

test("a listener that throws stops none of the changes that came with its own", async (t) => {
  const reported = t.mock.method(console, "error", () => {});
  roster.on("change", () => { if (told.length === 3) throw new Error("of the third"); });
  change(5);
  await rest();
  assert.deepEqual(told, upTo(5));
  assert.equal(reported.mock.callCount(), 1);
  client.close();
});

test("a roster that is followed from within a listener shows what was told so far and hears what comes then, once", async () => {
  let second;
  const late = [];
  roster.on("change", ({ event }) => {
    if (told.length !== 3) return;
    second = client.teamStatus("1001");
    second.on("change", ({ event }) => late.push(event ? event.data.team.members[0].since - 1_790_000_000_000 : "whole"));
  });
  change(6);
  await rest();
  assert.deepEqual(told.filter(Number.isFinite), upTo(6));
  assert.deepEqual(late, ["whole"]);
  assert.deepEqual([...second.members()], [...roster.members()]);
  change(1);
  assert.deepEqual(late, ["whole", 7]);
  client.close();
});

test("a client that a listener closes tells nothing more of what came together", async () => {
  roster.on("change", () => told.length === 3 && client.close());
  change(6);
  await rest();
  assert.deepEqual(told, upTo(3));
});

test("a journey that is over as soon as it is there is shown before its end is told", async () => {
  const journey = await client.followCall("c-1").ready();
  assert.deepEqual(journey.steps.map(({ CallId, Device }) => [CallId, Device]), [["c-1", "8000"]]);
  assert.equal(journey.ended?.why, "over");
});
