/// <reference lib="esnext.disposable" preserve="true" />

import { Emitter, Stream } from "./emitter.js";
import { ProcessorError, failure } from "./errors.js";
import type { MirrorTold, WatchedKind } from "./link.js";
import type { JourneyStep, Member, Queue, ReportEvent, Team } from "./wire.js";
import type { DeskEndReason, DeskJourney, DeskQueues, DeskRoster } from "./wasm/desk.js";

export interface WatchedEvents {
  /** What is shown is another: it was read as a whole, or this event changed it. */
  change: { event?: ReportEvent };
  /** It may be out of date until the next change: the link is a fresh one, or the platform is away. */
  stale: undefined;
  /** Nothing follows: it was closed, the right to it ended, or the server refused it. */
  ended: { why: DeskEndReason | "closed" | "refused"; failure?: ProcessorError };
}

/** Something that follows the server for as long as it is not closed. Iterating gives it anew after every change. */
export abstract class Watched extends Emitter<WatchedEvents> implements Disposable {
  /** Grows with every change. */
  version = 0;
  /** False until it is there, and while it is read anew on a fresh link. While the connection is away it is as of then. */
  isCurrent = false;
  /** Why it is over. */
  ended: WatchedEvents["ended"] | undefined;
  /** @internal */
  readonly kind: WatchedKind;
  /** @internal */
  readonly key: string;
  readonly #leave: () => void;
  readonly #streams = new Set<Stream<this>>();

  /** @internal */
  constructor(kind: WatchedKind, key: string, leave: () => void) {
    super();
    this.kind = kind;
    this.key = key;
    this.#leave = leave;
  }

  /** Waits until it is there; fails where it is refused. */
  async ready(options: { signal?: AbortSignal } = {}): Promise<this> {
    if (this.version > 0) return this;
    for await (const _ of this.changes(options)) return this;
    throw this.ended?.failure ?? failure("client.cancelled", `The ${this.kind} of ${this.key} is not followed any more.`);
  }

  /** Itself after every change; changes that come while nobody reads are one. It fails where the server refuses. */
  changes({ signal }: { signal?: AbortSignal } = {}): AsyncIterableIterator<this> {
    const stream: Stream<this> = new Stream<this>(() => this.#streams.delete(stream), signal);
    if (signal?.aborted) return stream;
    this.#streams.add(stream);
    if (this.version > 0) stream.push(this);
    if (this.ended) stream.end(this.ended.failure);
    return stream;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<this> {
    return this.changes();
  }

  /** Follows no longer. */
  close(): void {
    if (this.ended) return;
    this.#leave();
    this.over({ why: "closed" });
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  told(told: MirrorTold, event: ReportEvent | undefined): void {
    switch (told.change) {
      case "snapshot":
        this.load(told.value);
        this.isCurrent = true;
        return this.changed({});
      case "event":
        // What is not there yet comes whole, with this event in it.
        if (!event || this.version === 0) return;
        this.apply(event);
        return this.changed({ event });
      case "stale":
        this.isCurrent = false;
        return this.emit("stale", undefined);
      case "ended":
        return this.over({ why: told.why });
      case "failed":
        return this.over({ why: "refused", failure: new ProcessorError(told.failure) });
    }
  }

  /** @internal */
  over(ended: WatchedEvents["ended"]): void {
    if (this.ended) return;
    this.ended = ended;
    this.isCurrent = false;
    for (const stream of [...this.#streams]) stream.end(ended.failure);
    this.emit("ended", ended);
  }

  private changed(change: WatchedEvents["change"]): void {
    this.version += 1;
    for (const stream of this.#streams) if (!stream.isBehind) stream.push(this);
    this.emit("change", change);
  }

  /** @internal */
  protected abstract load(value: unknown): void;
  /** @internal */
  protected abstract apply(event: ReportEvent): void;
}

/** A team as a roster shows it. */
export interface RosterTeam {
  readonly teamId: string;
  readonly teamName: string;
  readonly members: ReadonlyMap<string, Member>;
}

interface OwnTeam extends RosterTeam {
  teamName: string;
  members: Map<string, Member>;
}

/** The teams of an agent, live. */
export class Roster extends Watched {
  readonly #teams = new Map<string, OwnTeam>();

  /** By id. */
  get teams(): ReadonlyMap<string, RosterTeam> {
    return this.#teams;
  }

  /** Everybody, team by team; who is in two teams comes twice. */
  *members(): Generator<Member> {
    for (const team of this.#teams.values()) yield* team.members.values();
  }

  /** @internal */
  protected load(value: unknown): void {
    this.#teams.clear();
    for (const team of (value as DeskRoster).teams as Team[]) this.#put(team);
  }

  /** @internal */
  protected apply(event: ReportEvent): void {
    const { name, data } = event;
    if (!("team" in data)) return;
    const { teamId, teamName } = data.team;
    const team = this.#teams.get(teamId);
    switch (name) {
      case "report.teamstatus.teamadded":
        this.#put(data.team as Team);
        break;
      case "report.teamstatus.teamremoved":
        this.#teams.delete(teamId);
        break;
      case "report.teamstatus.teamchanged":
        if (team) team.teamName = teamName;
        break;
      case "report.teamstatus.memberadded":
      case "report.teamstatus.memberstatuschanged":
        for (const member of event.data.team.members) team?.members.set(member.memberId, member);
        break;
      case "report.teamstatus.memberremoved":
        for (const { memberId } of event.data.team.members) team?.members.delete(memberId);
    }
  }

  #put({ teamId, teamName, members }: Team): void {
    this.#teams.set(teamId, { teamId, teamName, members: new Map(members.map((member) => [member.memberId, member])) });
  }
}

/** The queues an agent sees, live. */
export class Queues extends Watched {
  readonly #queues = new Map<string, Queue>();

  /** By id. */
  get queues(): ReadonlyMap<string, Queue> {
    return this.#queues;
  }

  /** @internal */
  protected load(value: unknown): void {
    this.#queues.clear();
    for (const queue of (value as DeskQueues).queues as Queue[]) this.#queues.set(queue.queueId, queue);
  }

  /** @internal */
  protected apply(event: ReportEvent): void {
    if (event.name === "report.queuestatus.queueremoved") this.#queues.delete(event.data.queue.queueId);
    else if ("queue" in event.data) this.#queues.set(event.data.queue.queueId, event.data.queue as Queue);
  }
}

/** Where a call has been, live. */
export class Journey extends Watched {
  /** Oldest first; a running step's duration is as of the last change. */
  steps: readonly JourneyStep[] = [];

  /** @internal */
  protected load(value: unknown): void {
    this.steps = (value as DeskJourney).steps as JourneyStep[];
  }

  /** @internal */
  protected apply(event: ReportEvent): void {
    if (event.name === "report.calljourney.updated") this.steps = event.data.CallJourney;
  }
}
