// Servers that speak nonsense, close at every moment, or say nothing: a reason each, never a hang.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, describe, test } from "node:test";

import { connect } from "interaction-processor";

const { WebSocketServer } = createRequire(import.meta.url)("ws");
const unhandled = [];
process.on("unhandledRejection", (error) => unhandled.push(error));
after(() => assert.deepEqual(unhandled, []));

const CONNECTED = {
  messageType: "connected", requestId: "1", protocol: 1, server: { name: "liar", version: "1", instance: "a" },
  client: { id: "c", name: "c" }, resumeKey: "key", time: 1, graceMs: 60000, heartbeatMs: 15000, guarantee: "process",
  instances: [], limits: { messageBytes: 65536, pendingBytes: 4194304, replayBytes: 8388608, requestsPerSecond: 100 },
};

/** A client of a server that does what `behave` says with every socket. */
async function lied(t, behave) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((done) => server.once("listening", done));
  server.on("connection", (socket) => {
    socket.on("error", () => {});
    behave(socket);
  });
  const client = connect({ url: `ws://127.0.0.1:${server.address().port}/v1/ws` });
  t.after(() => {
    client.close();
    for (const one of server.clients) one.terminate();
    server.close();
  });
  return client;
}

/** Answers `connect` as told, then `then`. */
const greeting = (then) => (socket) => socket.on("message", (text) => {
  const message = JSON.parse(text);
  if (message.messageType === "connect") {
    socket.send(JSON.stringify({ ...CONNECTED, requestId: message.requestId, ...(message.resume ? { resumed: false, reason: "unknown" } : {}) }));
  }
  then(socket, message);
});

const LIARS = {
  "closes at once": (socket) => socket.close(),
  "is gone at once": (socket) => socket.terminate(),
  "closes after `connect`": (socket) => socket.on("message", () => socket.close(1011, "no")),
  "closes with `connected`": greeting((socket) => socket.close()),
  "closes at the first request": greeting((socket, { messageType }) => messageType === "coreRequest" && socket.close()),
  "speaks no JSON": (socket) => socket.send("hello"),
  "sends binary frames": (socket) => socket.send(new Uint8Array(8)),
  "sends an array": greeting((socket) => socket.send("[]")),
  "sends a number without a class": greeting((socket) => socket.send('{"seq":1}')),
  "leaves a number out": greeting((socket) => socket.send('{"messageType":"coreEvent","seq":7,"event":{"name":"shutdown","data":{"graceMs":1}}}')),
  "sends half a message": greeting((socket) => socket.send('{"messageType":"resourceEv')),
  "sends eight megabytes of nothing": greeting((socket) => socket.send(JSON.stringify({ messageType: "coreEvent", seq: 1, event: { name: "x".repeat(8 << 20), data: {} } }))),
};

describe("a server", { concurrency: true }, () => {
  for (const [what, behave] of Object.entries(LIARS)) {
    test(`that ${what}`, async (t) => {
      const client = await lied(t, behave);
      const states = [];
      const warnings = [];
      client.on("connection", (connection) => states.push(connection));
      client.on("warning", (warning) => warnings.push(warning));
      const asked = client.recentCalls({}, { withinMs: 2_000 });
      const roster = client.teamStatus("1001").ready();
      await assert.rejects(asked, (error) => error.name === "ProcessorError" && error.code !== "");
      const isTold = states.some(({ state, why }) => (state === "reconnecting" && why.message !== "") || state === "refused");
      // An event that is not known is no nonsense, however large.
      assert.ok(isTold || warnings.length > 0 || what.includes("megabytes"), JSON.stringify(states));
      client.close();
      await assert.rejects(roster, (error) => error.name === "ProcessorError");
    });
  }

  test("of another version is refused with words", async (t) => {
    const failure = { code: "protocol.unsupported", message: "This server speaks protocol 9.", context: "" };
    const client = await lied(t, (socket) => socket.on("message", (text) => {
      socket.send(JSON.stringify({ messageType: "coreError", requestId: JSON.parse(text).requestId, failure }));
      socket.close(4000);
    }));
    await assert.rejects(client.live(), (error) => error.code === "protocol.unsupported" && error.message !== "");
    assert.equal(client.connection.state, "refused");
  });

  test("that says nothing is given up and tried again", async (t) => {
    const client = await lied(t, () => {});
    const why = await new Promise((heard) => client.on("connection", ({ state, why }) => state === "reconnecting" && heard(why)));
    assert.equal(why.reason, "unanswered");
  });
});
