// The SharedWorker of `shared.ts`: holds one link for each server and name that tabs ask for.

import { init } from "./browser.js";
import { usualTransport } from "./engine.js";
import { ProcessorError } from "./errors.js";
import { Hub } from "./hub.js";
import type { Link } from "./link.js";
import type { ToTab, ToWorker } from "./shared-protocol.js";

/** A page that reloads is back before its link ends. */
const LINGER_MS = 30_000;

interface Tab {
  say(message: ToTab): void;
  /** Answers the token that was asked for. */
  token?: { resolve(token: string): void; reject(error: Error): void } | undefined;
}

interface Shared {
  hub: Hub;
  /** The newest last. */
  tabs: Set<Tab>;
}

const links = new Map<string, Shared>();

(globalThis as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = ({ ports }) => {
  const port = ports[0] as MessagePort;
  const tab: Tab = { say: teller(port) };
  const waiting: Exclude<ToWorker, { kind: "attach" }>[] = [];
  let link: Link | undefined;
  port.onmessage = ({ data }: MessageEvent<ToWorker>) => {
    if (data.kind === "attach") void attach(data);
    else if (link) hear(tab, link, data);
    // Said while the engine's bytes are loaded, or before the tab had its lock.
    else waiting.push(data);
  };
  const attach = async ({ config, lock, wasm }: Extract<ToWorker, { kind: "attach" }>) => {
    try {
      await init(wasm);
      const shared = sharedBy(config);
      shared.tabs.add(tab);
      link = shared.hub.attach(tab.say);
      for (const message of waiting.splice(0)) hear(tab, link, message);
      await navigator.locks.request(lock, () => {});
      shared.tabs.delete(tab);
      tab.token?.reject(new Error("the tab that was asked for a token is gone"));
      link.leave();
      port.close();
    } catch (error) {
      const code = error instanceof ProcessorError ? error.code : "client.broken";
      const message = error instanceof Error ? error.message : String(error);
      tab.say({ kind: "connection", state: "refused", since: Date.now(), failure: { code, message, context: "" } });
    }
  };
};

/** Says in one message what is said in one turn: a page pays more for a message than for what is in it. */
function teller(port: MessagePort): (message: ToTab) => void {
  let said: ToTab[] = [];
  return (message) => {
    said.push(message);
    if (said.length > 1) return;
    queueMicrotask(() => {
      port.postMessage(said);
      said = [];
    });
  };
}

function sharedBy(config: Extract<ToWorker, { kind: "attach" }>["config"]): Shared {
  const name = JSON.stringify(config);
  const known = links.get(name);
  if (known) return known;
  const tabs = new Set<Tab>();
  const token = config.token ? () => tokenOf(tabs) : undefined;
  const ended = () => links.delete(name);
  const hub = new Hub({ config, transport: usualTransport(), token, lingerMs: LINGER_MS, ended });
  const made = { hub, tabs };
  links.set(name, made);
  return made;
}

/** Asks the newest tab, and the others where it cannot. */
async function tokenOf(tabs: Set<Tab>): Promise<string> {
  let last = new Error("no tab is there to get a token");
  for (const tab of [...tabs].reverse()) {
    try {
      return await new Promise<string>((resolve, reject) => {
        tab.token = { resolve, reject };
        tab.say({ kind: "wantToken" });
      });
    } catch (error) {
      last = error as Error;
    } finally {
      tab.token = undefined;
    }
  }
  throw last;
}

function hear(tab: Tab, link: Link, message: Exclude<ToWorker, { kind: "attach" }>): void {
  switch (message.kind) {
    case "call":
      return link.call(message.call, message.request);
    case "cancel":
      return link.cancel(message.call);
    case "watch":
    case "unwatch":
      return link[message.kind](message.mirror, message.key);
    case "retry":
    case "leave":
      return link[message.kind]();
    case "token":
      return tab.token?.resolve(message.token ?? "");
    case "tokenFailed":
      return tab.token?.reject(new Error(message.why));
  }
}
