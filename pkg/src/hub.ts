import { newDesk, now } from "./engine.js";
import { report } from "./errors.js";
import { Intake } from "./intake.js";
import type { Link, MirrorTold, Request, Told, WatchedKind } from "./link.js";
import type { ReportEvent } from "./protocol.js";
import type { Socket, Transport } from "./transport.js";
import type { Desk, DeskConfig, DeskConnection, DeskMirrorKind, DeskOutput, DeskOutputs } from "./wasm/desk.js";

/** How long a token callback may take. */
const TOKEN_MS = 30_000;
/** The longest wait a timer takes. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export type Token = string | (() => string | PromiseLike<string>);

export interface HubOptions {
  config: DeskConfig;
  transport: Transport;
  token?: Token | undefined;
  /** How long the link is kept after the last client left. */
  lingerMs: number;
  /** Called when the link was ended. */
  ended?: () => void;
}

/** The reports behind mirrors. */
const REPORTS: Record<WatchedKind, (key: string) => readonly [name: string, data: object]> = {
  roster: (agentId) => ["report.teamstatus", { agentId }],
  queues: (agentId) => ["report.queuestatus", { agentId }],
  journey: (CallId) => ["report.calljourney", { CallId }],
};

interface Port {
  tell(told: Told): void;
  calls: Map<number, number>;
}

interface Watch {
  mirror: WatchedKind;
  key: string;
  ports: Set<Port>;
  /** The request behind whose answer the mirror is whole; undefined once it is. */
  wholeAfter: number | undefined;
  again?: ReturnType<typeof setTimeout> | undefined;
}

/** What is to be done, in order: what the engine said, and showing a mirror to whoever began to watch it meanwhile. */
type Queued = DeskOutput | { kind: "show"; watch: Watch; port: Port };

/** Drives one desk engine: its socket, its timer, its token; shares it among clients. */
export class Hub {
  readonly #options: HubOptions;
  readonly #desk: Desk;
  readonly #ports = new Set<Port>();
  readonly #calls = new Map<number, (answer: Extract<DeskOutput, { kind: "answered" }>) => void>();
  readonly #watches = new Map<string, Watch>();
  readonly #sessions = new Set<string>();
  readonly #platform = new AbortController();
  readonly #intake = new Intake((attempt, frames) => this.#do((desk) => desk.texts(now(), attempt, frames)));
  #connection: DeskConnection = { state: "idle" };
  #socket: { attempt: number; socket: Socket } | undefined;
  #lastCall = 0;
  /** The last one that was told: what follows it is its doing. */
  #event: ReportEvent | undefined;
  #queue: Queued[] = [];
  #isDraining = false;
  #isOver = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt: number | undefined;
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#desk = newDesk(options.config);
    this.#listenToPlatform();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Adds a client, which is told at once how everything is. */
  attach(tell: (told: Told) => void): Link {
    const port: Port = { tell, calls: new Map() };
    this.#ports.add(port);
    clearTimeout(this.#linger);
    tell({ kind: "connection", ...this.#connection });
    this.#tellMirror(port, "services", "");
    for (const key of this.#sessions) this.#tellMirror(port, "session", key);
    this.#do((desk) => desk.start(now()));
    return {
      call: (call, request) => this.#call(port, call, request),
      cancel: (call) => {
        const own = port.calls.get(call);
        if (own !== undefined) this.#do((desk) => desk.cancel(now(), own));
      },
      watch: (mirror, key) => this.#watch(port, mirror, key),
      unwatch: (mirror, key) => this.#unwatch(port, `${mirror} ${key}`),
      retry: () => this.#do((desk) => desk.retry(now())),
      leave: () => this.#leave(port),
    };
  }

  #leave(port: Port): void {
    if (!this.#ports.delete(port)) return;
    for (const id of this.#watches.keys()) this.#unwatch(port, id);
    if (this.#ports.size > 0) return;
    if (this.#options.lingerMs === 0) this.#stop();
    else this.#linger = setTimeout(() => this.#stop(), this.#options.lingerMs);
  }

  #stop(): void {
    this.#do((desk) => desk.stop(now()));
    this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    for (const { again } of this.#watches.values()) clearTimeout(again);
    this.#platform.abort();
    this.#desk.free();
    this.#options.ended?.();
  }

  #call(port: Port, call: number, request: Request): void {
    const own = this.#ask(request, (answer) => {
      port.calls.delete(call);
      port.tell({ ...answer, call });
    });
    // Answered already where it was refused at once.
    if (this.#calls.has(own)) port.calls.set(call, own);
  }

  #ask(request: Request, answered: (answer: Extract<DeskOutput, { kind: "answered" }>) => void): number {
    const call = ++this.#lastCall;
    const { to, resource, command, target, data, withinMs } = request;
    this.#calls.set(call, answered);
    this.#do((desk) =>
      desk.call(now(), call, to, resource, command, target, data === undefined ? undefined : JSON.stringify(data), withinMs),
    );
    return call;
  }

  #watch(port: Port, mirror: WatchedKind, key: string): void {
    const id = `${mirror} ${key}`;
    const watch = this.#watches.get(id);
    if (watch) {
      watch.ports.add(port);
      // The engine is ahead of what was told so far.
      if (this.#isDraining) this.#queue.push({ kind: "show", watch, port });
      else this.#show(watch, port);
    } else {
      // It is there when it was answered that it begins, and whole after that.
      const made: Watch = { mirror, key, ports: new Set([port]), wholeAfter: 0 };
      this.#watches.set(id, made);
      this.#begin(made);
    }
  }

  #begin(watch: Watch): void {
    const [report, data] = REPORTS[watch.mirror](watch.key);
    this.#ask({ to: "reports", command: `${report}.begin`, data }, (answer) => {
      if (answer.result !== "failure" || watch.ports.size === 0) return;
      const { retryAfterMs } = answer.failure;
      if (retryAfterMs !== undefined) watch.again = setTimeout(() => this.#begin(watch), retryAfterMs);
      else this.#tellWatchers({ kind: "mirror", mirror: watch.mirror, key: watch.key, change: "failed", failure: answer.failure });
    });
  }

  /** A mirror is there, or there anew. A journey comes whole in one event, which its end may follow at once. */
  #begun(watch: Watch): void {
    const { mirror, key } = watch;
    const { name, data } = this.#event ?? {};
    if (mirror !== "journey" || name !== "report.calljourney.updated" || data?.CallId !== key) return this.#whole(watch);
    watch.wholeAfter = undefined;
    this.#tellWatchers({ kind: "mirror", mirror, key, change: "snapshot", value: { current: true, callId: key, steps: data.CallJourney } });
  }

  /**
   * A mirror that is read anew is told when it is whole. The server does not say when that is, but answers come in order: what
   * is asked now is answered when everything was told.
   */
  #whole(watch: Watch): void {
    const { mirror, key } = watch;
    const asked: number = this.#ask({ to: "core", command: "getServices" }, () => {
      if (watch.wholeAfter !== asked) return;
      watch.wholeAfter = undefined;
      for (const port of watch.ports) this.#tellMirror(port, mirror, key);
    });
    watch.wholeAfter = asked;
  }

  /** Shows a mirror that is whole. */
  #show({ mirror, key, ports, wholeAfter }: Watch, port: Port): void {
    if (wholeAfter === undefined && ports.has(port) && !this.#isOver) this.#tellMirror(port, mirror, key);
  }

  #unwatch(port: Port, id: string): void {
    const watch = this.#watches.get(id);
    if (!watch?.ports.delete(port) || watch.ports.size > 0) return;
    this.#watches.delete(id);
    clearTimeout(watch.again);
    const [report, data] = REPORTS[watch.mirror](watch.key);
    this.#ask({ to: "reports", command: `${report}.end`, data }, () => {});
  }

  /** Steps the engine, and performs what it wants. */
  #do(step: (desk: Desk) => DeskOutputs): void {
    if (this.#isOver) return;
    this.#intake.flush();
    try {
      const outputs = step(this.#desk);
      if (outputs !== "") this.#queue = this.#queue.concat(JSON.parse(outputs) as Queued[]);
    } catch (error) {
      this.#break(error);
      return;
    }
    // What is done while outputs are performed stands behind them.
    if (!this.#isDraining) this.#drain();
  }

  #drain(): void {
    this.#isDraining = true;
    while (this.#queue.length > 0) {
      const queue = this.#queue;
      this.#queue = [];
      queue.forEach((output, at) => {
        try {
          this.#perform(output, queue[at + 1]);
        } catch (error) {
          // A transport that throws; what it carries is told by its `closed`.
          report(error);
        }
      });
    }
    this.#isDraining = false;
    this.#arm();
  }

  #perform(output: Queued, next: Queued | undefined): void {
    switch (output.kind) {
      case "show":
        this.#show(output.watch, output.port);
        break;
      case "open": {
        const { attempt, url } = output;
        const socket = this.#options.transport.open(url, {
          opened: () => this.#do((desk) => desk.opened(now(), attempt)),
          text: (frame) => this.#intake.take(attempt, frame),
          binary: () => this.#do((desk) => desk.binary(now(), attempt)),
          closed: (code, reason) => this.#do((desk) => desk.closed(now(), attempt, code, reason)),
        });
        this.#socket = { attempt, socket };
        break;
      }
      case "send":
      case "close": {
        if (this.#socket?.attempt !== output.attempt) break;
        const { socket } = this.#socket;
        if (output.kind === "send") socket.send(output.text);
        else socket.close(output.code, output.reason);
        break;
      }
      case "wantToken":
        void this.#getToken();
        break;
      case "connection": {
        const { kind: _, ...connection } = output;
        this.#connection = connection;
        this.#tell(output);
        break;
      }
      case "answered": {
        const answered = this.#calls.get(output.call);
        this.#calls.delete(output.call);
        answered?.(output);
        break;
      }
      case "changed":
        this.#changed(output);
        break;
      case "event":
        this.#event = output.event as ReportEvent;
        this.#tell(Object.assign(output, { changes: next?.kind === "changed" }));
        break;
      default:
        this.#tell(output);
    }
  }

  #changed(changed: Extract<DeskOutput, { kind: "changed" }>): void {
    // Closed by a listener while outputs before this were told.
    if (this.#isOver) return;
    const { mirror, key } = changed;
    const isWatched = mirror !== "services" && mirror !== "session";
    // The end of what nobody watches any more, asked for before it was watched again.
    if (isWatched && changed.change === "ended" && changed.why === "asked") return;
    const watch = isWatched ? this.#watches.get(`${mirror} ${key}`) : undefined;
    if (watch && changed.change === "snapshot") return this.#begun(watch);
    if (watch?.wholeAfter !== undefined && changed.change === "event") return;
    let told = { ...changed, kind: "mirror" } as MirrorTold;
    if (!isWatched && (changed.change === "snapshot" || changed.change === "event")) {
      const text = this.#desk.mirror(mirror, key);
      if (text === undefined) return;
      told = { ...told, value: JSON.parse(text) } as MirrorTold;
    }
    if (mirror === "session") {
      if (changed.change === "ended") this.#sessions.delete(key);
      else this.#sessions.add(key);
    }
    if (isWatched) this.#tellWatchers(told);
    else this.#tell(told);
  }

  #tell(told: Told): void {
    for (const port of this.#ports) port.tell(told);
  }

  #tellWatchers(told: MirrorTold): void {
    const id = `${told.mirror} ${told.key}`;
    const watch = this.#watches.get(id);
    if (told.change === "ended" || told.change === "failed") this.#watches.delete(id);
    for (const port of watch?.ports ?? []) port.tell(told);
  }

  #tellMirror(port: Port, mirror: DeskMirrorKind, key: string): void {
    const text = this.#desk.mirror(mirror, key);
    if (text !== undefined) port.tell({ kind: "mirror", mirror, key, change: "snapshot", value: JSON.parse(text) });
  }

  async #getToken(): Promise<void> {
    const { token } = this.#options;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the token callback took longer than ${TOKEN_MS / 1000} s`)), TOKEN_MS);
    });
    try {
      const given = await Promise.race([typeof token === "function" ? token() : token, late]);
      if (typeof given === "string" && given !== "") this.#do((desk) => desk.token(now(), given));
      else this.#do((desk) => desk.tokenFailed(now(), "the token callback gave none", false));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#do((desk) => desk.tokenFailed(now(), why, true));
    } finally {
      clearTimeout(timer);
    }
  }

  #arm(): void {
    if (this.#isOver) return;
    const at = this.#desk.nextTimeout();
    // Every frame puts the next deadline off. A timer that is early finds nothing due and is set again, which costs less than
    // setting it with every frame.
    if (at !== undefined && this.#timerAt !== undefined && this.#timerAt <= at) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    if (at === undefined) return;
    this.#timer = setTimeout(() => {
      this.#timerAt = undefined;
      this.#do((desk) => desk.tick(now()));
    }, Math.min(Math.max(at - now(), 0), TIMER_MS_MAX));
  }

  /** The engine trapped, which it never should: nothing of it can be used any more, and everybody hears so. */
  #break(error: unknown): void {
    report(error);
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#platform.abort();
    this.#socket?.socket.close(4000, "the client broke");
    const failure = { code: "client.broken", message: `The engine failed: ${String(error)}. Connect anew.`, context: "" };
    const calls = [...this.#calls];
    this.#calls.clear();
    for (const [call, answered] of calls) answered({ kind: "answered", call, result: "failure", failure });
    this.#tell({ kind: "connection", state: "refused", since: now(), failure });
  }

  /** Hints of the page or worker, where this runs in one. */
  #listenToPlatform(): void {
    const options = { signal: this.#platform.signal };
    const { addEventListener, document } = globalThis as Partial<Window & typeof globalThis>;
    addEventListener?.("online", () => this.#do((desk) => desk.network(now(), true)), options);
    addEventListener?.("offline", () => this.#do((desk) => desk.network(now(), false)), options);
    const visible = () => this.#do((desk) => desk.visible(now()));
    addEventListener?.("pageshow", visible, options);
    const seen = () => (document?.visibilityState === "visible" ? visible() : this.#intake.flush());
    document?.addEventListener("visibilitychange", seen, options);
  }
}
