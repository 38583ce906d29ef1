// Embeds the engine: prepares a session and follows a team. `npm ci`, `node transpile.mjs engine.wasm`, `node embed.mjs`.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { processor } from "./engine/engine.js";

const now = () => BigInt(Date.now()) * 1000n;
const engine = processor.Engine.create("{}", randomBytes(8).readBigUInt64LE(), now());

function step(...inputs) {
  const answers = [];
  for (const { send, cti } of JSON.parse(engine.stepJson(now(), JSON.stringify(inputs)))) {
    if (send) console.log(send.text);
    if (cti) {
      const { command, request, agent, password } = cti;
      const isGood = command === "verify" && password === "ann-secret";
      answers.push({ event: "answer", request, ...(isGood ? { result: "verified", agent } : { result: "refused" }) });
    }
  }
  if (answers.length > 0) step(...answers.map((line) => ({ cti: line })));
}

const day = JSON.parse(readFileSync(new URL("conversation.json", import.meta.url)));
const key = randomBytes(32).toString("base64url");
step(...day.platform.map((line) => ({ cti: line })));
step({ opened: { socket: 1, peer: "10.0.0.1", access: { scopes: ["agent", "reports"] }, key } });
step(...day.client.map((message) => ({ received: { socket: 1, text: JSON.stringify(message) } })));
step(...day.later.map((line) => ({ cti: line })));
