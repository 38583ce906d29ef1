// A whole contact centre in the process: the same client, without a server.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ProcessorError, connect, simulate } from "interaction-processor/simulator";

import { closing } from "./support/closing.mjs";
import { eventually } from "./support/processor.mjs";

test("a day goes by: rosters, queues and journeys move", async () => {
  const centre = closing(simulate({ scenario: "small", speed: 60, seed: 7 }));
  const client = closing(connect({ centre, name: "test" }));
  const roster = await client.teamStatus("1001").ready();
  const queues = await client.queueStatus("1001").ready();
  await eventually(() => roster.version > 10 && queues.version > 3, "they change");
  const [call] = await eventually(async () => {
    const calls = await client.recentCalls({ limit: 5 });
    return calls.length > 0 && calls;
  }, "there are calls");
  const steps = await client.callJourney(call.CallId);
  assert.ok(steps.length > 0 && steps[0].CallId !== "", JSON.stringify(steps));
  const journey = await client.followCall(call.CallId).ready();
  assert.ok(journey.steps.length > 0);
});

test("the network fails and is back: what was missed comes", async () => {
  const centre = closing(simulate({ scenario: "small", speed: 20, seed: 7 }));
  const client = closing(connect({ centre }));
  const roster = await client.teamStatus("1001").ready();
  const resumed = new Promise((heard) => client.on("resumed", heard));
  centre.cut();
  await eventually(() => client.connection.state === "reconnecting", "the client hears of it");
  await new Promise((done) => setTimeout(done, 500));
  centre.restore();
  client.retry();
  const { messages } = await resumed;
  assert.ok(messages > 0, `${messages} messages were missed`);
  const other = closing(connect({ centre }));
  const fresh = await other.teamStatus("1001").ready();
  const shown = (one) => JSON.stringify([...one.members()].sort((a, b) => (a.memberId < b.memberId ? -1 : 1)));
  await eventually(() => shown(roster) === shown(fresh), "both show the same");
});

test("an agent takes a call to its end", async () => {
  const call = { act: "call", queue: "General", from: "+15550100", prompts_ms: 100 };
  const entry = `[[script]]\nat_ms = 3000\n${Object.entries(call).map(([key, value]) => `${key} = ${JSON.stringify(value)}`).join("\n")}`;
  const centre = closing(simulate({ scenario: `name = "one call"\n${entry}\n`, seed: 7 }));
  const client = closing(connect({ centre }));
  const session = await client.prepareSession({ agentId: "2001", password: "2001" });
  const seen = [];
  session.on("event", ({ name }) => seen.push(name));
  await session.start();
  await session.ready();
  await eventually(() => session.can("conversation.answer"), "the call rings");
  const target = () => session.conversations[0].target;
  await session.request("conversation.answer", target());
  await eventually(() => session.can("conversation.hold"), "it is answered");
  await session.request("conversation.hold", target());
  await eventually(() => session.conversations[0].state === "HELD", "it is held");
  await session.request("conversation.retrieve", target());
  await eventually(() => session.can("conversation.drop"), "it is retrieved");
  await session.request("conversation.drop", target());
  await eventually(() => seen.includes("interaction.ended"), "it is over");
  await eventually(() => session.can("interaction.complete") || session.interactions.length === 0, "it may be completed");
  if (session.can("interaction.complete")) await session.request("interaction.complete", session.interactions[0].target);
  await eventually(() => session.interactions.length === 0, "it is gone");
});

test("wrong scenarios and missing centres are told", () => {
  const invalid = (words) => (error) => error instanceof ProcessorError && error.code === "config.invalid" && words.test(error.message);
  assert.throws(() => simulate({ scenario: "people = 3\n" }), invalid(/people/));
  assert.throws(() => connect({}), invalid(/centre/));
  const centre = simulate();
  const client = connect({ centre });
  centre.close();
  centre.close();
  client.close();
});
