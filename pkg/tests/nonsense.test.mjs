// Servers that speak nonsense, close at every moment, or say nothing: a reason each, never a hang.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, test } from "node:test";

import { connect } from "interaction-processor";

import { closing } from "./support/closing.mjs";
import { eventually } from "./support/processor.mjs";

const { WebSocketServer } = createRequire(import.meta.url)("ws");
const unhandled = [];
process.on("unhandledRejection", (error) => unhandled.push(error));
after(() => assert.deepEqual(unhandled, []));

const CONNECTED = {
  messageType: "connected", requestId: "1", protocol: 1, server: { name: "liar", version: "1", instance: "a" },
  client: { id: "c", name: "c" }, resumeKey: "key", time: 1, graceMs: 60000, heartbeatMs: 15000, guarantee: "process",
  instances: [], limits: { messageBytes: 65536, pendingBytes: 4194304, replayBytes: 8388608, requestsPerSecond: 100 },
};

/** A server that does what `behave` says with every socket. */
async function liar(behave) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((done) => server.once("listening", done));
  server.on("connection", (socket) => {
    socket.on("error", () => {});
    behave(socket);
  });
  const close = () => {
    for (const one of server.clients) one.terminate();
    server.close();
  };
  return closing({ url: `ws://127.0.0.1:${server.address().port}/v1/ws`, close });
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

for (const [what, behave] of Object.entries(LIARS)) {
  test(`a server that ${what}`, async () => {
    const server = await liar(behave);
    const client = closing(connect({ url: server.url }));
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

test("a server of another version is refused with words", async () => {
  const failure = { code: "protocol.unsupported", message: "This server speaks protocol 9.", context: "" };
  const server = await liar((socket) => socket.on("message", (text) => {
    socket.send(JSON.stringify({ messageType: "coreError", requestId: JSON.parse(text).requestId, failure }));
    socket.close(4000);
  }));
  const client = closing(connect({ url: server.url }));
  await assert.rejects(client.live(), (error) => error.code === "protocol.unsupported" && error.message !== "");
  assert.equal(client.connection.state, "refused");
});

test("a server that says nothing is given up and tried again", { timeout: 60_000 }, async () => {
  const server = await liar(() => {});
  const client = closing(connect({ url: server.url }));
  await eventually(() => client.connection.state === "reconnecting", "it gives up", 50_000);
  assert.equal(client.connection.why.reason, "unanswered");
});
