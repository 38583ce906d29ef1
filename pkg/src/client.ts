/// <reference lib="esnext.disposable" preserve="true" />

import { Emitter } from "./emitter.js";
import { ProcessorError, failure } from "./errors.js";
import type { Token } from "./hub.js";
import type { Link, MirrorTold, Request, Told, WatchedKind } from "./link.js";
import type { CallEntry, Holder, JourneyStep, ReportAnswers, ReportCommands, ReportEvent, Service, SessionEvent } from "./protocol.js";
import { Session } from "./session.js";
import type { Transport } from "./transport.js";
import { Journey, Queues, Roster } from "./watched.js";
import type { Watched } from "./watched.js";
import type { DeskConnection, DeskFreshReason, DeskServices } from "./wasm/desk.js";

/** How the connection is, with the reason why. */
export type Connection = DeskConnection;

export interface ConnectOptions {
  /** `ws:` or `wss:`, or several of a domain. In a page: its own server, where it is left out. */
  url?: string | readonly string[];
  /** Who connects, for people. */
  name?: string;
  /** Names this client among others; the server gives a name where it is left out. */
  id?: string;
  /** A bearer token, or what gets one: called before every connect and reconnect. */
  token?: Token;
  /** The type of the service, where the server was told another. */
  serviceType?: string;
  /** Closes the client when it is aborted. */
  signal?: AbortSignal;
  /** What carries the frames; a WebSocket where it is left out. */
  transport?: Transport;
}

export interface AskOptions {
  /** Gives up waiting. What was sent may still take effect. */
  signal?: AbortSignal | undefined;
  /** How long to wait for the answer, time without a connection included. */
  withinMs?: number | undefined;
}

export interface PrepareOptions extends AskOptions {
  agentId: string;
  password: string;
  /** The call model; the default one where it is left out. */
  model?: string;
  /** Takes the session over from whoever has it, without asking. */
  override?: boolean;
  /** Asked where somebody has the session: whether to take it over. Without it such a session is refused (`client.declined`). */
  confirm?: (holder: Holder) => boolean | PromiseLike<boolean>;
}

export interface ClientEvents {
  /** The connection's state is another. */
  connection: Connection;
  /** The link went on after its socket was lost: all missed messages have come, nothing was lost. */
  resumed: { messages: number; resent: number; awayMs: number };
  /** The link could not go on: everything was read anew. What happened meanwhile was not told as events. */
  resnapshotted: {
    why: DeskFreshReason;
    /** Requests that may or may not have taken effect: each failed with `request.outcomeunknown`. */
    outcomesUnknown: number;
    /** Sessions that are to be prepared again. */
    sessionsLost: number;
    awayMs: number;
  };
  /** The services, or how they are, changed. */
  services: readonly Service[];
  /** A session is there that this client did not prepare: another tab did. */
  session: Session;
  /** Something that stops nothing. */
  warning: ProcessorError;
  /** The client is closed. */
  closed: undefined;
}

interface Waiting {
  resolve(response: never): void;
  reject(error: ProcessorError): void;
}

/** One client of an interaction processor. */
export class Client extends Emitter<ClientEvents> implements Disposable {
  #connection: Connection = { state: "idle" };
  #services: readonly Service[] = [];
  #isClosed = false;
  #lastCall = 0;
  /** The last one, which changes the mirror that is told next. */
  #event: ReportEvent | undefined;
  readonly #link: Link;
  readonly #calls = new Map<number, Waiting>();
  readonly #watched = new Map<string, Set<Watched>>();
  readonly #sessions = new Map<string, Session>();
  readonly #aborted: () => void;
  readonly #signal: AbortSignal | undefined;

  /** @internal */
  constructor(attach: (tell: (told: Told) => void) => Link, signal?: AbortSignal) {
    super();
    this.#signal = signal;
    this.#aborted = () => this.close();
    this.#link = attach((told) => this.#told(told));
    if (signal?.aborted) this.close();
    else signal?.addEventListener("abort", this.#aborted);
  }

  /** How the connection is now. */
  get connection(): Connection {
    return this.#connection;
  }

  /** What services there are, and how they are. */
  get services(): readonly Service[] {
    return this.#services;
  }

  /** The sessions that are not over. */
  get sessions(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Waits until the link stands. Fails where it is refused, moved or closed; a server that is away is waited for. */
  live({ signal }: { signal?: AbortSignal } = {}): Promise<this> {
    return new Promise((resolve, reject) => {
      const over = new AbortController();
      const look = (connection: Connection) => {
        if (connection.state === "live") resolve(this);
        else if (this.#isClosed || connection.state === "closed") reject(stopped());
        else if (connection.state === "refused") reject(new ProcessorError(connection.failure));
        else if (connection.state === "moved") reject(failure("client.refused", "The link moved to another client: `retry()` takes it back."));
        else if (signal?.aborted) reject(failure("client.cancelled", "The wait for the connection was given up.", signal.reason));
        else return;
        over.abort();
      };
      this.on("connection", look, { signal: over.signal });
      this.on("closed", () => look(this.#connection), { signal: over.signal });
      signal?.addEventListener("abort", () => look(this.#connection), { signal: over.signal });
      look(this.#connection);
    });
  }

  /** The teams an agent belongs to or supervises, live. */
  teamStatus(agentId: string): Roster {
    const roster: Roster = new Roster("roster", agentId, () => this.#unwatch(roster));
    return this.#watch(roster);
  }

  /** The queues an agent sees, live. */
  queueStatus(agentId: string): Queues {
    const queues: Queues = new Queues("queues", agentId, () => this.#unwatch(queues));
    return this.#watch(queues);
  }

  /** Where a call has been so far; any of its legs' ids finds it. */
  async callJourney(callId: string, options?: AskOptions): Promise<JourneyStep[]> {
    return (await this.report("report.calljourney", { CallId: callId }, options)).CallJourney;
  }

  /** The same, live until the call is over. */
  followCall(callId: string): Journey {
    const journey: Journey = new Journey("journey", callId, () => this.#unwatch(journey));
    return this.#watch(journey);
  }

  /** Calls, newest first, running ones included. */
  async recentCalls(data: ReportCommands["report.calljourney.recent"] = {}, options?: AskOptions): Promise<CallEntry[]> {
    return (await this.report("report.calljourney.recent", data, options)).Calls;
  }

  /** What the platform offers; what is absent is not. */
  async capabilities(options?: AskOptions): Promise<Record<string, boolean>> {
    const response = await this.ask<{ data: Record<string, boolean> }>({ to: "service", command: "getCapabilities" }, options);
    return response.data;
  }

  /** Asks the reports in the protocol's own words. */
  async report<Name extends keyof ReportCommands & keyof ReportAnswers>(
    command: Name, data: ReportCommands[Name], options?: AskOptions,
  ): Promise<ReportAnswers[Name]> {
    const response = await this.ask<{ data: ReportAnswers[Name] }>({ to: "reports", command, data }, options);
    return response.data;
  }

  /** Signs an agent in: checks the password and reserves the session, which then is to be started. */
  async prepareSession(options: PrepareOptions): Promise<Session> {
    const { agentId, password, model, confirm } = options;
    const prepare = (override: boolean) => {
      const data = { ...(model === undefined ? {} : { model }), override, agent: { id: agentId, password } };
      return this.ask<Prepared>({ to: "service", command: "prepareSession", data }, options);
    };
    let answer = await prepare(options.override ?? false);
    if (answer.result === "confirm") {
      const holder: Holder = { ...answer.details, message: answer.message };
      if (!(await confirm?.(holder))) throw failure("client.declined", answer.message);
      answer = await prepare(true);
    }
    if (answer.result === "confirm") throw failure("client.nonsense", "The server asks for what it was told.");
    return this.#session(answer.resource.id, agentId);
  }

  /** The user's act: connects at once where a wait runs, takes the link back after it moved, tries anew after a refusal. */
  retry(): void {
    if (this.#isClosed) throw stopped();
    this.#link.retry();
  }

  /** Ends the link. What waits for an answer fails with `client.stopped`; a second time does nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#signal?.removeEventListener("abort", this.#aborted);
    this.#link?.leave();
    for (const { reject } of this.#calls.values()) reject(stopped());
    this.#calls.clear();
    for (const watched of [...this.#watched.values()].flatMap((set) => [...set])) watched.over({ why: "stopped" });
    for (const session of this.sessions) session.over({ why: "stopped" });
    this.#watched.clear();
    this.#sessions.clear();
    this.#connection = { state: "closed" };
    this.emit("connection", this.#connection);
    this.emit("closed", undefined);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Asks in the protocol's own words; the answer is its `response`. */
  ask<Response>(request: Request, options: AskOptions = {}): Promise<Response> {
    const { signal, withinMs } = options;
    if (this.#isClosed) return Promise.reject(stopped());
    if (signal?.aborted) return Promise.reject(failure("client.cancelled", "The request was given up.", signal.reason));
    return new Promise((resolve, reject) => {
      const call = ++this.#lastCall;
      const abort = () => this.#link.cancel(call);
      const over = () => signal?.removeEventListener("abort", abort);
      this.#calls.set(call, {
        resolve: (response) => (over(), resolve(response)),
        reject: (error) => (over(), reject(error)),
      });
      signal?.addEventListener("abort", abort);
      this.#link.call(call, { ...request, withinMs });
    });
  }

  /** @internal */
  forget(session: Session): void {
    this.#sessions.delete(session.id);
  }

  #told(told: Told): void {
    switch (told.kind) {
      case "connection": {
        const { kind: _, ...connection } = told;
        this.#connection = connection;
        return this.emit("connection", connection);
      }
      case "answered": {
        const waiting = this.#calls.get(told.call);
        this.#calls.delete(told.call);
        if (told.result === "failure") waiting?.reject(new ProcessorError(told.failure));
        else waiting?.resolve({ ...(told.response as object), result: told.result } as never);
        return;
      }
      case "event":
        this.#event = told.event as ReportEvent;
        this.#sessions.get(told.resourceId ?? "")?.heard(told.event as SessionEvent, told.changes);
        return;
      case "mirror":
        return this.#mirror(told);
      case "warning":
        return this.emit("warning", new ProcessorError(told));
      case "resumed":
      case "resnapshotted": {
        const { kind, ...what } = told;
        return this.emit(kind, what as never);
      }
    }
  }

  #mirror(told: MirrorTold): void {
    const { mirror, key } = told;
    if (mirror === "services") {
      if (!("value" in told)) return;
      this.#services = (told.value as DeskServices).services as Service[];
      return this.emit("services", this.#services);
    }
    if (mirror === "session") {
      const isKnown = this.#sessions.has(key);
      if (!isKnown && !("value" in told)) return;
      const session = this.#session(key, "");
      if (told.change === "ended") this.#sessions.delete(key);
      session.told(told);
      if (!isKnown) this.emit("session", session);
      return;
    }
    const id = `${mirror} ${key}`;
    const watched = [...(this.#watched.get(id) ?? [])];
    if (told.change === "ended" || told.change === "failed") this.#watched.delete(id);
    for (const one of watched) one.told(told, this.#event);
  }

  #session(id: string, agentId: string): Session {
    let session = this.#sessions.get(id);
    if (!session) this.#sessions.set(id, (session = new Session(this, id, agentId)));
    return session;
  }

  #watch<Made extends Watched>(made: Made): Made {
    if (this.#isClosed) throw stopped();
    const id = `${made.kind} ${made.key}`;
    const others = this.#watched.get(id);
    if (others) others.add(made);
    else this.#watched.set(id, new Set([made]));
    // Asked again where it is watched already: it is told at once how it is.
    this.#link.watch(made.kind as WatchedKind, made.key);
    return made;
  }

  #unwatch(watched: Watched): void {
    const id = `${watched.kind} ${watched.key}`;
    const all = this.#watched.get(id);
    if (!all?.delete(watched) || all.size > 0) return;
    this.#watched.delete(id);
    this.#link.unwatch(watched.kind, watched.key);
  }
}

type Prepared =
  | { result: "success"; resource: { id: string } }
  | { result: "confirm"; message: string; details: Omit<Holder, "message"> };

function stopped(): ProcessorError {
  return failure("client.stopped", "The client is closed: connect anew.");
}
