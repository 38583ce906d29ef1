/// <reference lib="esnext.disposable" preserve="true" />

import type { AskOptions, Client } from "./client.js";
import { Emitter, Stream } from "./emitter.js";
import type { ListenOptions } from "./emitter.js";
import { failure } from "./errors.js";
import type { MirrorTold } from "./link.js";
import type {
  Action, Channel, Conversation, Interaction, Reason, SessionCommands, SessionEvent, SessionEvents, SessionObject,
} from "./protocol.js";
import type { DeskEnded, DeskSession } from "./wasm/desk.js";

/** How long `start` waits for everything there is to be told, once the start was answered. */
const INITIALIZED_MS = 30_000;

type OwnEvents = SessionEvents & {
  /** Every event of the session's objects, whatever its name. */
  event: SessionEvent;
  /** What is shown is another: after the event that changed it, and after a fresh link. */
  change: Session;
  /** The session is over for this client: everything beneath it is gone. */
  ended: DeskEnded;
};

/** The data of a command, left out where it needs none. */
type DataOf<Name extends keyof SessionCommands> =
  {} extends SessionCommands[Name] ? [data?: SessionCommands[Name], options?: AskOptions]
    : [data: SessionCommands[Name], options?: AskOptions];

/** An agent's session: its channels, interactions and conversations as the server tells them, and commands to them. */
export class Session extends Emitter<OwnEvents> implements Disposable {
  /** The session's resource, and its own target. */
  readonly id: string;
  /** Everything there is, parents before their children; the session itself is first. */
  objects: readonly SessionObject[] = [];
  /** Whether everything there is was told. */
  isInitialized = false;
  /** False until it is there, and while it is read anew on a fresh link. While the connection is away it is as of then. */
  isCurrent = false;
  /** Why it is over; of one that was superseded also by which client, and when. */
  ended: DeskEnded | undefined;
  /** Codes the platform's administrator set up. */
  notReadyReasons: readonly Reason[] = [];
  logoutReasons: readonly Reason[] = [];
  wrapUpCodes: readonly Reason[] = [];
  /** Grows with every change. */
  version = 0;
  #agentId: string;
  readonly #client: Client;
  readonly #streams = new Set<Stream<SessionEvent>>();
  readonly #heard: SessionEvent[] = [];

  /** @internal */
  constructor(client: Client, id: string, agentId: string) {
    super();
    this.#client = client;
    this.id = id;
    this.#agentId = agentId;
  }

  /** Whose it is. */
  get agentId(): string {
    return this.#agentId;
  }

  get channels(): Channel[] {
    return this.objects.filter((object) => object.kind === "channel");
  }

  get interactions(): Interaction[] {
    return this.objects.filter((object) => object.kind === "interaction");
  }

  get conversations(): Conversation[] {
    return this.objects.filter((object) => object.kind === "conversation");
  }

  /** An object by its target. */
  object(target: string): SessionObject | undefined {
    return this.objects.find((object) => object.target === target);
  }

  /** Whether a command is allowed now, of this object or of any. */
  can(action: Action, target?: string): boolean {
    return this.objects.some((object) => (target ?? object.target) === object.target && object.enabled.includes(action));
  }

  /** Logs the agent in where the platform does not have them, and waits until everything there is was told. */
  async start(data: SessionCommands["session.start"] = {}, options: AskOptions = {}): Promise<this> {
    await this.request("session.start", this.id, data, options);
    if (!this.isInitialized) await this.#initialized(options.signal);
    return this;
  }

  /** Asks one of the session's objects. Fails as the server says; what it causes comes as events. */
  async request<Name extends keyof SessionCommands>(
    command: Name, target: string, ...[data, options]: DataOf<Name>
  ): Promise<void> {
    this.#standing();
    await this.#client.ask({ to: "resource", resource: this.id, command, target, data: data ?? {} }, options);
  }

  /** Takes contacts, by this channel or the first. */
  async ready(channel?: Channel): Promise<void> {
    return this.request("channel.request.ready", this.#channel(channel));
  }

  /** Takes none. While a contact goes on it waits for its end. */
  async notReady(reason?: Reason, channel?: Channel): Promise<void> {
    return this.request("channel.request.notready", this.#channel(channel), reason ? { reason } : {});
  }

  /** Calls somebody. */
  async dial(destination: string, channel?: Channel): Promise<void> {
    return this.request("channel.dial", this.#channel(channel), { destination });
  }

  /** Logs the agent out, which ends the session. */
  async logout(reason?: Reason): Promise<void> {
    return this.request("session.request.logout", this.id, reason ? { reason } : {});
  }

  /** Every event from now on, until the session ends. */
  events({ signal }: { signal?: AbortSignal } = {}): AsyncIterableIterator<SessionEvent> {
    const stream: Stream<SessionEvent> = new Stream<SessionEvent>(() => this.#streams.delete(stream), signal);
    if (this.ended) stream.end();
    else if (!signal?.aborted) this.#streams.add(stream);
    return stream;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<SessionEvent> {
    return this.events();
  }

  /** Follows it no longer; the agent stays logged in. After the server's time of grace its disconnect policy decides. */
  close(): void {
    this.#client.forget(this);
    this.over({ why: "asked" });
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  heard(event: SessionEvent, changes: boolean): void {
    this.#heard.push(event);
    // Told once the objects show what it did.
    if (!changes) this.#tellHeard();
  }

  /** @internal */
  told(told: MirrorTold): void {
    if (told.change === "snapshot" || told.change === "event") this.#show(told.value as DeskSession);
    else if (told.change === "stale") this.isCurrent = false;
    this.#tellHeard();
    if (told.change === "ended") this.over(endOf(told));
    else this.emit("change", this);
  }

  /** @internal */
  over(ended: DeskEnded): void {
    if (this.ended) return;
    this.ended = ended;
    this.isCurrent = false;
    this.objects = [];
    for (const stream of [...this.#streams]) stream.end();
    this.emit("ended", this.ended);
  }

  #tellHeard(): void {
    for (const event of this.#heard.splice(0)) {
      this.emit(event.name, event as never);
      this.emit("event", event);
      for (const stream of this.#streams) stream.push(event);
    }
  }

  #show(mirror: DeskSession): void {
    this.version += 1;
    this.#agentId = mirror.agentId || this.#agentId;
    this.isInitialized = mirror.initialized;
    this.isCurrent = mirror.current;
    this.objects = mirror.objects as SessionObject[];
    this.notReadyReasons = mirror.notReadyReasons as Reason[];
    this.logoutReasons = mirror.logoutReasons as Reason[];
    this.wrapUpCodes = mirror.wrapUpCodes as Reason[];
  }

  #standing(): void {
    if (this.ended) throw failure("client.stopped", `The session is over (${this.ended.why}): prepare another.`);
  }

  #channel(channel: Channel | undefined): string {
    this.#standing();
    const target = (channel ?? this.channels[0])?.target;
    if (target === undefined) throw failure("client.notready", "The session has no channel yet: `await session.start()` first.");
    return target;
  }

  #initialized(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const over = new AbortController();
      const options: ListenOptions = { signal: over.signal };
      const end = (error?: Error) => {
        over.abort();
        clearTimeout(timer);
        if (error) reject(error);
        else resolve();
      };
      const late = () => end(failure("client.nonsense", "The server started the session and never told that it had told all."));
      const timer = setTimeout(late, INITIALIZED_MS);
      const cancelled = () => end(failure("client.cancelled", "The wait for the session's start was given up.", signal?.reason));
      signal?.addEventListener("abort", cancelled, { signal: over.signal });
      this.on("session.initialized", () => end(), options);
      this.on("ended", ({ why }) => end(failure("client.stopped", `The session ended before it began (${why}).`)), options);
    });
  }
}

function endOf({ why, client, at }: DeskEnded): DeskEnded {
  return { why, ...(client === undefined ? {} : { client }), ...(at === undefined ? {} : { at }) };
}
