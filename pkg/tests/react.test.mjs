// The hooks, in React in Chromium, on a simulated centre.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { build } from "esbuild";

import { openBrowser, serve } from "./support/pages.mjs";

const { PROJECT } = process.env;

test("components show connection, roster, queues and session, and follow them", async (t) => {
  const folder = join(PROJECT, "react");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "app.jsx"), `
import { createElement, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { connect, init, simulate } from "interaction-processor/simulator";
import { useCallJourney, useConnection, useQueueStatus, useSession, useTeamStatus } from "interaction-processor/react";

function App({ client, session, agent }) {
  const connection = useConnection(client);
  const roster = useTeamStatus(client, agent);
  const queues = useQueueStatus(client, agent);
  const journey = useCallJourney(client, "none");
  const { channels } = useSession(session);
  window.renderings = (window.renderings ?? 0) + 1;
  return <ul>
    <li id="connection">{connection.state}</li>
    <li id="members">{[...(roster?.members() ?? [])].map(({ memberId, state }) => memberId + " " + state).join()}</li>
    <li id="queues">{[...(queues?.queues.values() ?? [])].length}</li>
    <li id="journey">{journey?.ended?.failure?.code}</li>
    <li id="session">{channels[0]?.availability?.state}</li>
  </ul>;
}

await init("/modules/interaction-processor/dist/simulator.wasm");
window.centre = simulate({ scenario: 'name = "still"\\n', seed: 5 });
window.client = connect({ centre: window.centre });
window.session = await window.client.prepareSession({ agentId: "2001", password: "2001" });
const root = createRoot(document.body.appendChild(document.createElement("main")));
window.show = (agent) => root.render(<StrictMode><App client={window.client} session={window.session} agent={agent} /></StrictMode>);
window.leave = () => root.unmount();
window.show("1001");
await window.session.start();
`);
  await build({
    entryPoints: [join(folder, "app.jsx")], outfile: join(folder, "app.js"), bundle: true, format: "esm", target: "es2022", jsx: "automatic",
    define: { "process.env.NODE_ENV": '"development"' }, logLevel: "error",
  });
  const html = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><script type="module" src="/react/app.js"></script>`;
  const pages = await serve({ "/react/": folder, "/modules/": join(PROJECT, "node_modules") }, { "/app": html });
  const browser = await openBrowser();
  t.after(async () => (await browser.close(), pages.close()));
  const page = await browser.open(`${pages.origin}/app`);
  const shows = (id, words) => page.waitForFunction(([id, words]) => new RegExp(words).test(document.getElementById(id)?.textContent), [id, words]);
  await shows("connection", "^live$");
  await shows("members", "2002 ");
  await shows("queues", "[1-9]");
  await shows("journey", "call.unknown");
  await shows("session", "NOT_READY");
  await page.evaluate(() => window.session.ready());
  await shows("session", "^(READY|BUSY)$");
  await shows("members", "2001 (ready|reserved|talking)");
  await page.evaluate(() => window.show("1002"));
  await page.waitForFunction(() => !document.getElementById("members").textContent.includes("2002 "));
  await page.evaluate(() => window.leave());
  const renderings = await page.evaluate(() => window.renderings);
  await new Promise((done) => setTimeout(done, 1_000));
  assert.equal(await page.evaluate(() => window.renderings), renderings);
  await page.evaluate(() => (window.client.close(), window.centre.close()));
  assert.deepEqual(browser.errors, []);
});
