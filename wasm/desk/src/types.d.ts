/** Text that `JSON.parse` makes a `T` of. */
export type Json<T> = string & { readonly __json?: T };

/** `DeskOutput[]`, or the empty text. */
export type DeskOutputs = Json<DeskOutput[]> | "";

/** The configuration. Every property but `urls` may be left out. */
export interface DeskConfig {
  /** Addresses of the servers, `ws:` or `wss:`, at least one: tried in turn, those the server names after them. */
  urls: string[];
  /** Who connects, for people; `id` is given by the server where it is absent. */
  client?: { id?: string; name?: string };
  /** Whether a token is asked for (`wantToken`) before every `connect`. Default: false. */
  token?: boolean;
  /** The type of the service. Default: `com.openmethods.iserver.processor`. */
  serviceType?: string;
}

/** Who is asked: the network core, the service, its report resource, or the resource named by `resource`. */
export type DeskTo = "core" | "service" | "reports" | "resource";

export type DeskOutput =
  | { kind: "open"; attempt: number; url: string }
  /** `text` may hold a secret: never log it. */
  | { kind: "send"; attempt: number; text: string }
  | { kind: "close"; attempt: number; code: number; reason: string }
  | { kind: "wantToken"; purpose: "connect" | "renew" }
  | ({ kind: "connection" } & DeskConnection)
  | { kind: "answered"; call: number; result: "success" | "confirm"; response: unknown }
  | { kind: "answered"; call: number; result: "failure"; failure: DeskProblem }
  /** As the server told it: `event` is the protocol's. Each once, in order. */
  | { kind: "event"; seq?: number; serviceId?: string; resourceId?: string; event: unknown }
  | ({ kind: "changed" } & DeskChange)
  /** The link went on: nothing was lost. */
  | { kind: "resumed"; messages: number; resent: number; awayMs: number }
  /** The link is a fresh one; everything was read anew. */
  | {
      kind: "resnapshotted"; why: DeskFreshReason; outcomesUnknown: number; sessionsLost: number; awayMs: number;
    }
  | ({ kind: "warning" } & DeskProblem);

export type DeskFreshReason = "expired" | "unknown" | "gap" | "instance" | "nonsense" | "unsaid";

/** A failure: `code` is one of the protocol's, or `client.…`. */
export interface DeskProblem {
  code: string;
  message: string;
  context: string;
  params?: Record<string, string>;
  retryAfterMs?: number;
}

/** Moments are milliseconds since 1970, on the clock the desk is fed with. */
export type DeskConnection =
  | { state: "idle" }
  | { state: "waitingForToken"; since: number }
  | { state: "connecting"; url: string; since: number }
  | {
      state: "live"; url: string; since: number; server: { name: string; version: string; instance: string };
      client: { id: string; name: string }; guarantee: "process" | "machine" | "domain"; clockAheadMs: number;
    }
  | { state: "reconnecting"; since: number; why: DeskLoss; nextAt: number; failed: number }
  | { state: "offline"; since: number }
  /** Taken over by another socket: `retry` takes it back, by the user's act alone. */
  | { state: "moved"; since: number }
  /** Nothing more is tried before `retry`. */
  | { state: "refused"; since: number; failure: DeskProblem }
  | { state: "closed" };

export interface DeskLoss {
  reason:
    | "unreachable" | "unanswered" | "closed" | "silent" | "slept" | "network" | "restarting" | "token" | "slow"
    | "flood" | "elsewhere" | "busy" | "nonsense" | "asked";
  code?: number;
  message: string;
}

export type DeskMirrorKind = "services" | "session" | "roster" | "queues" | "journey";

/** `key`: the session's resource, the agent or the call; empty for services. */
export type DeskChange = { mirror: DeskMirrorKind; key: string } & (
  /** The `event` output before this applies to it. */
  | { change: "event" }
  /** New as a whole: read `mirror(kind, key)`. */
  | { change: "snapshot" }
  /** May be out of date until the next `snapshot`. */
  | { change: "stale" }
  | ({ change: "ended" } & DeskEnded)
);

export interface DeskEnded {
  why: DeskEndReason;
  /** Of a session that was superseded: the name of the client that has it now, where it is known. */
  client?: string;
  /** Of a session that was superseded: when, in milliseconds since 1970-01-01 UTC on the server's clock. */
  at?: number;
}

export type DeskEndReason =
  | "asked" | "over" | "denied" | "superseded" | "loggedOut" | "released" | "linkLost" | "stopped";

/** What `mirror` gives. `current`: false where it may be out of date. */
export type DeskMirror = DeskServices | DeskSession | DeskRoster | DeskQueues | DeskJourney;

export interface DeskServices {
  current: boolean;
  /** The protocol's `Service`. */
  services: unknown[];
}

export interface DeskRoster {
  current: boolean;
  agentId: string;
  /** The protocol's `Team`s, by id; members by id. */
  teams: unknown[];
}

export interface DeskQueues {
  current: boolean;
  agentId: string;
  /** The protocol's `Queue`s, by id. */
  queues: unknown[];
}

export interface DeskJourney {
  current: boolean;
  callId: string;
  /** The protocol's `JourneyStep`s, oldest first. */
  steps: unknown[];
}

export interface DeskSession {
  current: boolean;
  resourceId: string;
  agentId: string;
  /** Whether `session.initialized` was told. */
  initialized: boolean;
  notReadyReasons: { code?: string; name?: string }[];
  logoutReasons: { code?: string; name?: string }[];
  wrapUpCodes: { code?: string; name?: string }[];
  /** Every object that is there, parents before their children, in the order of their creation. The session itself is first. */
  objects: DeskObject[];
}

/** One object of a session. */
export interface DeskObject {
  /** Names it in commands. */
  target: string;
  kind: "session" | "channelgroup" | "channel" | "interaction" | "conversation";
  /** As `….created` told it: `GroupObject`, `ChannelObject`, `InteractionObject`, `ConversationObject`; null for the session. */
  object: unknown;
  initialized: boolean;
  /** Of `state.updated`. */
  state?: string;
  since?: number;
  /** The commands that are allowed now, without `request.` in their names. */
  enabled: string[];
  /** Channel: the protocol's `Availability`. */
  availability?: unknown;
  /** Interaction: its data, whole. */
  data?: Record<string, unknown>;
  /** Interaction: the id of the conversation in which is spoken. */
  focus?: string;
  /** Interaction that is over and not completed: why, and by whom. */
  ended?: { cause?: string; by?: string };
  /** Conversation: who is in it. */
  members?: { id: string; name: string; address: string }[];
}
