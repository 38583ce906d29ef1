// The protocol as a person reads it: one union of events, one map of commands to what they take and give.

import type {
  AvailabilityWord, ChannelObject, ConversationObject, GroupObject, InteractionObject, MemberObject, ObjectEvent, ObjectState,
  Availability, Reason, ReportEvent, ReportRequest, ReportSuccess, SessionCommand, SessionHolder, StateUpdated,
} from "./wire.js";

/** What a session tells: `name` says which it is. */
export type SessionEvent = ObjectEvent | StateUpdated;

/** Every event of a session by its name. */
export type SessionEvents = { [Event in SessionEvent as Event["name"]]: Event };

/** Every command of a session's objects, and the data it takes. */
export type SessionCommands = { [Command in SessionCommand as Command["command"]]: NonNullable<Command["data"]> };

/** Every request to the reports, and the data it takes. */
export type ReportCommands = { [Command in ReportRequest as Command["command"]]: NonNullable<Command["data"]> };

/** Every request to the reports, and what answers it. */
export type ReportAnswers = { [Answer in ReportSuccess as Answer["command"]]: Answer["data"] };

/** A command without `request.` in its name, as it stands in `enabled`. */
export type Action = keyof SessionCommands extends infer Name
  ? Name extends `${infer Kind}.request.${infer Rest}` ? `${Kind}.${Rest}` : Name
  : never;

/** What all objects of a session have. */
interface Common<Kind extends string, Told> {
  /** Names the object in commands. */
  readonly target: string;
  readonly kind: Kind;
  /** As its `created` event told it. */
  readonly object: Told;
  /** Whether everything about it was told. */
  readonly initialized: boolean;
  readonly state?: ObjectState;
  /** When that state began. */
  readonly since?: number;
  /** What may be done to it now. */
  readonly enabled: readonly Action[];
}

export type SessionSelf = Common<"session", null>;
export type ChannelGroup = Common<"channelgroup", GroupObject>;
export interface Channel extends Common<"channel", ChannelObject> {
  readonly availability?: Availability;
}
export interface Interaction extends Common<"interaction", InteractionObject> {
  /** Its data, whole. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** The id of the conversation in which is spoken. */
  readonly focus?: string;
  /** Where it is over and not completed: why, and by whom. */
  readonly ended?: { readonly cause?: string; readonly by?: string };
}
export interface Conversation extends Common<"conversation", ConversationObject> {
  readonly members?: readonly MemberObject[];
}

/** One object of a session: `kind` says what it is. */
export type SessionObject = SessionSelf | ChannelGroup | Channel | Interaction | Conversation;

/** Who has the agent's session: for the question whether to take it over. */
export type Holder = SessionHolder & {
  /** The same in words. */
  message: string;
};

export type { AvailabilityWord, Reason, ReportEvent };
export type {
  CallEntry, ChannelObject, ConversationObject, ConversationRole, DeviceType, FailureCode, GroupObject, Guarantee,
  InteractionObject, JourneyStep, Member, MemberObject, MemberState, MemberStatus, MemberType, ObjectEvent, ObjectState, Queue,
  Service, ServiceStatus, StateUpdated, Status, Team,
} from "./wire.js";
