// A telephony platform by JSON lines, in the test's own process: it outlives the server, and its call does.

import { createServer } from "node:net";

const AGENT = "2001";
const DEVICE = { kind: "agent", id: "42001", agent: AGENT };
const CALLER = { kind: "external", id: "+493055501" };

/** One agent, one team, one caller. */
export class Platform {
  state = "loggedout";
  /** The leg that is in progress. */
  call;
  #socket;
  #lastCall = 0;
  #server = createServer((socket) => this.#serve(socket));

  static async start() {
    const platform = new Platform();
    await new Promise((done) => platform.#server.listen(0, "127.0.0.1", done));
    return platform;
  }

  /** What the server is configured with. */
  get config() {
    return `kind = "jsonl"\nconnect = ["127.0.0.1:${this.#server.address().port}"]\n`;
  }

  /** A call rings at the agent. */
  ring() {
    this.call = { id: `c${++this.#lastCall}`, state: "ringing", since: Date.now() };
    const { id } = this.call;
    this.#tell({ event: "call", is: "began", call: id, kind: "inbound", from: CALLER.id, to: "8000", data: { ani: CALLER.id, queue: "Sales" } });
    this.#tell({ event: "call", is: "dialing", call: id, device: CALLER }, { event: "call", is: "ringing", call: id, device: DEVICE });
    this.#setState("reserved");
  }

  close() {
    this.#socket?.destroy();
    this.#server.close();
  }

  #serve(socket) {
    this.#socket = socket;
    socket.on("error", () => {});
    let text = "";
    socket.on("data", (data) => {
      const lines = (text += data).split("\n");
      text = lines.pop();
      for (const line of lines) this.#hear(JSON.parse(line));
    });
    this.#tell(
      { event: "hello", protocol: 1, vendor: "Test", version: "1", offers: ["telephony", "reports"], reports: "uccx", notReadyReasons: [{ code: "1", name: "Lunch" }] },
      { event: "resyncBegin" },
      { event: "agent", id: AGENT, name: "Ann Agent", extension: DEVICE.id },
      { event: "team", id: "t1", name: "Sales", members: [{ agent: AGENT }] },
      { event: "agentStatus", agent: AGENT, state: this.state },
    );
    if (this.call) {
      const { id, state, since } = this.call;
      const parties = [{ call: id, device: DEVICE, state }, { call: id, device: CALLER, state: "connected" }];
      this.#tell({ event: "call", is: "seen", call: id, kind: "inbound", from: CALLER.id, to: "8000", since, parties, data: { ani: CALLER.id, queue: "Sales" } });
    }
    this.#tell({ event: "resyncEnd" });
  }

  #hear({ command, request, agent, password, state, reason }) {
    if (command === undefined) return;
    const done = () => this.#tell({ event: "answer", request, result: "done" });
    const { call } = this;
    switch (command) {
      case "verify":
        if (password === agent) return this.#tell({ event: "answer", request, result: "verified", agent });
        return this.#tell({ event: "answer", request, result: "refused", kind: "credentials", text: "wrong password" });
      case "login":
        return done(), this.#setState("notready");
      case "setState":
        return done(), this.#setState(state, reason);
      case "answer":
        call.state = "connected";
        done();
        this.#tell(...[DEVICE, CALLER].map((device) => ({ event: "call", is: "connected", call: call.id, device })));
        return this.#setState("talking");
      case "drop":
        this.call = undefined;
        done();
        this.#tell({ event: "call", is: "left", call: call.id, device: DEVICE, cause: "normal" }, { event: "call", is: "ended", call: call.id, cause: "normal" });
        return this.#setState("ready");
      default:
        return this.#tell({ event: "answer", request, result: "refused", kind: "unsupported" });
    }
  }

  #setState(state, reason) {
    this.state = state;
    this.#tell({ event: "agentStatus", agent: AGENT, state, ...(reason === undefined ? {} : { reason }) });
  }

  #tell(...lines) {
    this.#socket?.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }
}
