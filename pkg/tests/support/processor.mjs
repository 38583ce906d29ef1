// The real server, as a process of its own on loopback, and a line to it that can be cut.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const READY_MS = 30_000;

/** A world in which nothing happens but these acts: teams of ten agents; everybody's password is the id. */
export function scripted(acts = []) {
  const entries = acts.map(([atMs, act]) => {
    const lines = Object.entries(act).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
    return `[[script]]\nat_ms = ${atMs}\n${lines.join("\n")}\n`;
  });
  return `name = "scripted"\n\n${entries.join("\n")}`;
}

/** The acts of agents who go ready and not ready in turn, so many times, this far apart. */
export function changes(agents, times, everyMs, fromMs = 500) {
  return Array.from({ length: times }, (_, n) => [
    fromMs + n * everyMs,
    { act: "agent_state", agent: agents[n % agents.length], ...(n % (2 * agents.length) < agents.length
      ? { state: "Ready" } : { state: "NotReady", reason: String(n) }) },
  ]);
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** A TCP line to the server that can be cut and restored. */
class Line {
  /** After how many bytes from the server it cuts what there is, once. */
  cutAfter;
  #sockets = new Set();
  /** What the client holds and nobody answers. */
  #dead = new WeakSet();
  #lost = new Set();
  #isCut = false;
  #server = createServer((near) => {
    if (this.#isCut) return near.destroy();
    const far = connect(this.target, "127.0.0.1");
    const isDead = () => this.#dead.has(near);
    for (const [one, other] of [[near, far], [far, near]]) {
      this.#sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => (this.#sockets.delete(one), isDead() || other.destroy()));
    }
    near.on("data", (data) => isDead() || far.write(data));
    far.on("end", () => isDead() || near.end());
    this.#lost.add(() => (this.#dead.add(near), far.destroy()));
    far.on("data", (data) => {
      if (this.cutAfter === undefined) return near.write(data);
      const left = this.cutAfter;
      this.cutAfter -= data.length;
      if (this.cutAfter > 0) return near.write(data);
      this.cutAfter = undefined;
      near.end(data.subarray(0, left));
      far.destroy();
    });
  });

  constructor(target) {
    this.target = target;
  }

  get url() {
    return `ws://127.0.0.1:${this.port}/v1/ws`;
  }

  async open() {
    await new Promise((done) => this.#server.listen(0, "127.0.0.1", done));
    this.port = this.#server.address().port;
    return this;
  }

  cut() {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  restore() {
    this.#isCut = false;
  }

  /** Ends what there is at the server alone: the client's sockets are dead, and nothing tells it. */
  lose() {
    for (const lose of this.#lost) lose();
    this.#lost.clear();
  }

  /** Cuts what there is and lets what comes through. */
  drop() {
    this.cut();
    this.restore();
  }

  close() {
    this.cut();
    this.#server.close();
  }
}

export class Processor {
  /**
   * Starts a server: `scenario` is the text of a scenario file or the name of one; `origin` may use it from a page; `cti` is the
   * configuration of another platform than the simulated one.
   */
  static async start({ scenario = scripted(), speed = 1, limits = {}, origin, lines = 1, cti } = {}) {
    const processor = new Processor();
    processor.port = await freePort();
    processor.lines = await Promise.all(Array.from({ length: lines }, () => new Line(processor.port).open()));
    processor.folder = mkdtempSync(join(tmpdir(), "processor-"));
    const file = join(processor.folder, "scenario.toml");
    const isText = scenario.includes("\n");
    if (isText) writeFileSync(file, scenario);
    const bounds = Object.entries(limits).map(([name, value]) => `${name} = ${value}`).join("\n");
    // Its own pages may be opened through a line, too.
    const hosts = processor.lines.map(({ port }) => `127.0.0.1:${port}`);
    writeFileSync(join(processor.folder, "config.toml"), `
[listen]
port = ${processor.port}
hosts = ${JSON.stringify(hosts)}
origins = ${JSON.stringify([...(origin ? [origin] : []), ...hosts.map((host) => `http://${host}`)])}
[store]
kind = "memory"
[cti]
${cti ?? `scenario = ${JSON.stringify(isText ? file : scenario)}\nspeed = ${speed}\nseed = 7`}
[limits]
${bounds}
`);
    await processor.run();
    return processor;
  }

  get line() {
    return this.lines[0];
  }

  get url() {
    return this.line.url;
  }

  /** Past the line, for whoever watches. */
  get directUrl() {
    return `ws://127.0.0.1:${this.port}/v1/ws`;
  }

  async run() {
    this.child = spawn(process.env.SERVER_UNDER_TEST, ["serve", "--config", "config.toml"], {
      cwd: this.folder, stdio: ["ignore", "pipe", "pipe"],
    });
    // Through this process: who reads its output waits for nobody who was forgotten.
    for (const said of [this.child.stdout, this.child.stderr]) said.pipe(process.stderr, { end: false });
    const { child } = this;
    process.once("exit", () => child.kill("SIGKILL"));
    const until = Date.now() + READY_MS;
    for (;;) {
      const isThere = await new Promise((done) => {
        const socket = connect(this.port, "127.0.0.1", () => (socket.destroy(), done(true)));
        socket.on("error", () => done(false));
      });
      if (isThere) return;
      if (this.child.exitCode !== null || Date.now() > until) throw new Error("the server does not start");
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  /** Kills it as a power cut would. */
  async kill() {
    const ended = new Promise((done) => this.child.once("exit", done));
    this.child.kill("SIGKILL");
    await ended;
  }

  /** One number of its metrics. */
  async metric(name) {
    const page = await (await fetch(`http://127.0.0.1:${this.port}/metrics`)).text();
    const line = page.split("\n").find((line) => line.startsWith(`interaction_processor_${name} `));
    return Number(line?.split(" ")[1]);
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.kill();
    for (const line of this.lines) line.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits until `question` answers with something. */
export async function eventually(question, what, withinMs = 30_000) {
  const until = Date.now() + withinMs;
  for (;;) {
    const answer = await question();
    if (answer) return answer;
    if (Date.now() > until) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}
