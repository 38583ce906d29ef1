// How an agent comes to a session, keeps it through restarts, and loses it: one for each client of the page.

import type { Client, FreshReason, Holder, Session, SessionEnded } from "interaction-processor";

import { serverNow } from "../../data/clock";
import { Entries } from "../log/entries";
import { problemOf } from "../logic/problem";
import type { Problem } from "../logic/problem";
import { lostWords } from "./lost";

/** How long the sessions of other tabs may take to be told once the connection is there. */
const SETTLE_MS = 150;
/** How long another tab's sign-in is waited for before this one offers its own. */
const STARTING_MS = 6_000;
/** How long a failure that does not say so is waited for. */
const AGAIN_MS = 2_000;

export interface Credentials {
  agentId: string;
  password: string;
  extension: string;
}

/** Why nobody is signed in any more. */
export type Note =
  | { kind: "loggedOut"; at: number; by: "this tab" | "another tab" | "elsewhere" }
  | { kind: "lost"; at: number; why: FreshReason | "released" | undefined; agentId: string; problem?: Problem }
  | { kind: "declined"; at: number; agentId: string };

export type Phase =
  | { kind: "waiting"; label: string }
  | { kind: "out"; note: Note | undefined }
  /** Signing in again by itself. */
  | { kind: "again"; note: Extract<Note, { kind: "lost" }> }
  | { kind: "in"; session: Session }
  | { kind: "superseded"; agentId: string; client: string | undefined; at: number };

export interface Question {
  holder: Holder;
  answer(takeOver: boolean): void;
}

export class Access {
  phase: Phase = { kind: "waiting", label: "Connecting" };
  /** Somebody else has the session: whether to take it over. */
  question: Question | undefined;
  /** Set by who logs out here, so that it is told apart from another tab's. */
  isLeaving = false;
  /** What others did to this agent; it outlives the session. */
  readonly entries = new Entries();
  readonly #client: Client;
  readonly #listeners = new Set<() => void>();
  readonly #watched = new WeakSet<Session>();
  /** In this page's memory alone, for the sign-in after a restart; gone with the session. */
  #secret: Credentials | undefined;
  #fresh: { why: FreshReason; at: number } | undefined;
  #isSigningIn = false;
  /** Whose the log is. */
  #logOf = "";
  /** When the session that is known here had begun, on whose clock. */
  #begun: { at: number; instance: string } | undefined;
  /** Whose session was prepared here and could not be started: it is this page's own. */
  #prepared: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client) {
    this.#client = client;
    client.on("session", (session) => this.#isSigningIn ? this.#overtaken(session) : this.#meet(session));
    client.on("resnapshotted", ({ why }) => {
      this.#fresh = { why, at: Date.now() };
      const note = this.phase.kind === "out" || this.phase.kind === "again" ? this.phase.note : undefined;
      if (note?.kind === "lost" && note.why === undefined) this.#show({ ...this.phase, note: { ...note, why } } as Phase);
    });
    client.on("connection", () => this.#settle());
    const [session] = client.sessions;
    if (session) this.#meet(session);
    else this.#settle();
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  };

  /** Signs in; fails as the server says. Somebody who has the session is asked about in `question`. */
  async signIn(given: Credentials): Promise<void> {
    const { agentId, password, extension } = given;
    this.#isSigningIn = true;
    try {
      const override = this.#prepared === agentId;
      const session = await this.#client.prepareSession({ agentId, password, override, confirm: (holder) => this.#ask(holder) });
      this.#prepared = agentId;
      session.on("session.initialized", ({ at }) => {
        const { connection } = this.#client;
        this.#begun = connection.state === "live" ? { at, instance: connection.server.instance } : undefined;
      });
      await session.start(extension === "" ? {} : { extension });
      this.#prepared = undefined;
      this.#secret = given;
      this.#enter(session);
    } finally {
      this.#isSigningIn = false;
      const other = this.#client.sessions.find((session) => session.isInitialized);
      if (other && this.phase.kind !== "in") this.#enter(other);
    }
  }

  /** Another tab was faster while this one asks: there is nothing left to ask. */
  #overtaken(session: Session): void {
    const { question } = this;
    if (!question) return;
    const answer = () => session.isInitialized && this.question === question && question.answer(false);
    session.on("change", answer);
    answer();
  }

  /** Whether to take it over. What began before this page's own session was there is that session, which outlived its connection. */
  #ask(holder: Holder): boolean | Promise<boolean> {
    const begun = this.#begun;
    if (this.phase.kind === "again" && begun?.instance === holder.instance && holder.since <= begun.at) return true;
    return new Promise((resolve) => {
      this.question = {
        holder,
        answer: (takeOver) => {
          this.question = undefined;
          this.#tell();
          resolve(takeOver);
        },
      };
      this.#tell();
    });
  }

  /** Live and without a session: other tabs' come a moment later, or there is none. */
  #settle(): void {
    if (this.phase.kind !== "waiting" || this.#client.connection.state !== "live") return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.phase.kind === "waiting" && this.#show({ kind: "out", note: undefined }), SETTLE_MS);
  }

  /** A session that another tab prepared, or this one before it was loaded again. */
  #meet(session: Session): void {
    if (session.ended) return;
    if (session.isInitialized) return this.#enter(session);
    clearTimeout(this.#timer);
    if (this.phase.kind !== "in") this.#show({ kind: "waiting", label: "Another tab is signing in" });
    this.#timer = setTimeout(() => this.phase.kind === "waiting" && this.#show({ kind: "out", note: undefined }), STARTING_MS);
    const over = new AbortController();
    session.on("change", () => {
      if (!session.isInitialized) return;
      over.abort();
      if (!this.#isSigningIn) this.#enter(session);
    }, over);
  }

  #enter(session: Session): void {
    clearTimeout(this.#timer);
    this.isLeaving = false;
    if (session.agentId !== this.#logOf) this.entries.clear();
    this.#logOf = session.agentId;
    if (!this.#watched.has(session)) {
      this.#watched.add(session);
      session.on("ended", (ended) => this.#left(session, ended));
    }
    this.#show({ kind: "in", session });
  }

  #left(session: Session, ended: SessionEnded): void {
    const { agentId } = session;
    const { why, client, at = serverNow() } = ended;
    if (this.phase.kind === "in" && this.phase.session !== session) return;
    switch (why) {
      case "superseded":
        this.#secret = undefined;
        this.entries.add({ at, actor: client ?? "Another desktop", text: "took your session over", tone: "alarm" });
        return this.#show({ kind: "superseded", agentId, client, at });
      case "asked":
      case "loggedOut": {
        this.#secret = undefined;
        this.#logOf = "";
        const by = why === "loggedOut" ? "elsewhere" : this.isLeaving ? "this tab" : "another tab";
        return this.#show({ kind: "out", note: { kind: "loggedOut", at, by } });
      }
      default: {
        const isFresh = this.#fresh !== undefined && Date.now() - this.#fresh.at < AGAIN_MS;
        const reason = why === "released" ? "released" : isFresh ? this.#fresh?.why : undefined;
        const note = { kind: "lost", at, why: reason, agentId } as const;
        if (!this.#secret || this.#client.isClosed) return this.#show({ kind: "out", note });
        this.#show({ kind: "again", note });
        void this.#again(this.#secret);
      }
    }
  }

  /** Signs in once more, for as long as waiting helps; whoever took the session meanwhile is asked about first. */
  async #again(secret: Credentials): Promise<void> {
    while (this.phase.kind === "again") {
      const { note } = this.phase;
      try {
        await this.#client.live();
        await this.signIn(secret);
        const why = this.#fresh && note.why !== "released" ? this.#fresh.why : note.why;
        return this.entries.add({ at: serverNow(), actor: "This page", text: `signed you in again. ${lostWords(why)}`, tone: "away" });
      } catch (error) {
        const problem = problemOf(error, serverNow());
        if (this.phase.kind !== "again") return;
        if (problem.code === "client.declined") {
          this.#secret = undefined;
          return this.#show({ kind: "out", note: { kind: "declined", at: serverNow(), agentId: note.agentId } });
        }
        const isWorthIt = problem.retryAt !== undefined || WORTH_WAITING.has(problem.code);
        if (!isWorthIt || problem.code === "credentials.locked") {
          this.#secret = undefined;
          return this.#show({ kind: "out", note: { ...note, problem } });
        }
        this.#show({ kind: "again", note: { ...note, problem } });
        const ms = Math.max((problem.retryAt ?? 0) - serverNow(), AGAIN_MS);
        await new Promise((over) => setTimeout(over, Math.min(ms, 30_000)));
      }
    }
  }

  /** The user gives up waiting, and signs in by hand. */
  byHand(): void {
    if (this.phase.kind !== "again") return;
    this.#secret = undefined;
    this.#show({ kind: "out", note: this.phase.note });
  }

  #show(phase: Phase): void {
    this.phase = phase;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

const WORTH_WAITING = new Set([
  "cti.unavailable", "domain.unavailable", "request.outcomeunknown", "request.deadline", "client.notready", "binding.required", "session.notstarted",
  "resource.unknown",
]);

const accesses = new WeakMap<Client, Access>();

/** The client's; it goes on while other pages are looked at. */
export function accessOf(client: Client): Access {
  let access = accesses.get(client);
  if (!access) accesses.set(client, (access = new Access(client)));
  return access;
}
