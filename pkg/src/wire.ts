// Written by scripts/types.mjs from docs/schema; the protocol's own types are its source. Do not change it by hand.

/** `ack`: everything up to this number was received. Lower ones than before are ignored. */
export interface Ack {
  /** The number of the last message that was received. */
  seq: number;
}

/** Whether a command is allowed. */
export type Action = "enable" | "disable";

/** `channelgroup.request.activateall`, `deactivateall`. */
export interface ActivateAll {
  /** What the platform may want to know. */
  options?: unknown;
}

/** `channelgroup.request.activate`, `deactivate`. */
export interface ActivateChannel {
  /** The channel. */
  channel: ObjectId;
  /** What the platform may want to know. */
  options?: unknown;
}

/** `session.request.addchannel`. */
export interface AddChannel {
  /** The channel. */
  channel: NewChannel;
}

/** `session.request.addchannelgroup`. */
export interface AddGroup {
  /** The group. */
  channelgroup: NewGroup;
}

/** An agent. */
export interface AgentOf {
  /** The agent's login id. */
  agentId: string;
}

/** How many agents do what. */
export interface AgentsByState {
  /** Have the caller on hold. */
  hold: number;
  /** Are logged out, or nothing is known. */
  loggedout: number;
  /** Take no contacts. */
  notready: number;
  /** Wait for contacts. */
  ready: number;
  /** Are being offered one. */
  reserved: number;
  /** Talk. */
  talking: number;
  /** After-call work. */
  work: number;
}

/** `authenticate`: a new token of the same subject, before the old one expires. */
export interface Authenticate {
  /** Names the request in its answer. */
  requestId: string;
  /** The token. A secret. */
  token: string;
}

/** Whether a channel takes contacts. */
export interface Availability {
  /** What follows when the present contact is over. */
  pending?: AvailabilityWord;
  /** Why not. */
  reason?: Reason;
  /** In a word. */
  state: AvailabilityWord;
}

/** Whether a channel takes contacts, in a word. */
export type AvailabilityWord = "READY" | "NOT_READY" | "BUSY" | "ACW";

/** One call. */
export interface CallEntry {
  /** Its id. */
  CallId: string;
  /** When it ended; absent while it runs. */
  EndedAt?: number;
  /** Who called. */
  From: string;
  /** Whether its end was not seen. */
  Partial?: boolean;
  /** When it began. */
  StartedAt: number;
  /** What was called. */
  To: string;
}

/** A call. */
export interface CallOf {
  /** The id of any of its legs. */
  CallId: string;
}

/** Calls, the newest first. */
export interface Calls {
  /** Running ones and those that ended. */
  Calls: CallEntry[];
}

/** `channel.created`. */
export interface ChannelCreated {
  /** The channel. */
  channel: ChannelObject;
}

/** What a channel is and takes. */
export interface ChannelInfo {
  /** Whether it takes contacts. */
  availability: Availability;
  /** Its id. */
  id: string;
  /** Its state. */
  state: ObjectState;
}

/** `channel.infochanged`. */
export interface ChannelInfoChanged {
  /** The channel. */
  channel: ChannelInfo;
}

/** A channel. */
export interface ChannelObject {
  /** Its endpoint: an extension, an address. */
  endpoint: string;
  /** Its id. */
  id: string;
  /** By which call model. */
  modeltype: string;
  /** The name people read. */
  name: string;
  /** Its state. */
  state: ObjectState;
  /** What it carries. */
  type: string;
}

/** A client as the server knows it. */
export interface Client {
  /** Its id. */
  id: string;
  /** Its program's name; empty where it gave none. */
  name: string;
}

/** Every message a client sends. */
export type ClientMessage =
  | (Connect & {
      messageType: "connect";
    })
  | (Ack & {
      messageType: "ack";
    })
  | (Ping & {
      messageType: "ping";
    })
  | (Authenticate & {
      messageType: "authenticate";
    })
  | (Disconnect & {
      messageType: "disconnect";
    })
  | (CoreRequest & {
      messageType: "coreRequest";
    })
  | {
      messageType: "serviceRequest";
      /** What is asked. */
      request: ServiceRequest;
      /** Names the request in its answer: 1 to 64 bytes, chosen by the client, each once. */
      requestId: string;
      /** Which service. */
      serviceId: string;
    }
  | (ResourceRequest & {
      messageType: "resourceRequest";
    });

/** Who connects, as people may read it. */
export interface ClientName {
  /** The client's own id; absent: the server gives one. */
  id?: string;
  /** The program's name. */
  name?: string;
}

/** `interaction.complete`. */
export interface Complete {
  /** What came of it: a wrap-up code's. */
  disposition?: string;
}

/** `connect`: opens a link, or resumes one. */
export interface Connect {
  /** Who connects. */
  client?: ClientName;
  /** The protocol's version; absent: 1. */
  protocol?: number;
  /** Names the request in its answer. */
  requestId: string;
  /** Which link to go on with. */
  resume?: Resume;
  /** The bearer token, where the listener wants one. A secret. */
  token?: string;
}

/** `connected`: the answer to `connect`. It carries no number. */
export interface Connected {
  /** Who connected, with the id it has. */
  client: Client;
  /** How long the link outlives its socket. */
  graceMs: number;
  /** What the link survives. */
  guarantee: Guarantee;
  /** How often the server asks for a sign of life. */
  heartbeatMs: number;
  /** Where else to connect when this server is away. */
  instances: string[];
  /** What the server bounds. */
  limits: Limits;
  /** The protocol's version. */
  protocol: number;
  /** With `resumed` false: why this is a fresh link. */
  reason?: ResumeRefusal;
  /** Of the `connect`. */
  requestId: string;
  /** What resumes this link; the same for its whole life. A secret. */
  resumeKey: string;
  /** Whether the link asked for goes on; absent where none was asked for. */
  resumed?: boolean;
  /** Who answers. */
  server: Server;
  /** The server's time. */
  time: number;
}

/** `conversation.created`. */
export interface ConversationCreated {
  /** The conversation. */
  conversation: ConversationObject;
}

/** A conversation. */
export interface ConversationObject {
  /** Its id. */
  id: string;
  /** What it is to the contact. */
  role: ConversationRole;
}

/** What a conversation is to its contact. */
export type ConversationRole = "primary" | "consult";

/** A success that says nothing more. */
export interface CoreDone {
  /** Whether the answer was acknowledged before and is sent again. */
  repeated?: boolean;
  /** Of the request. */
  requestId: string;
  /** `success`. */
  result: Success;
  /** The message's number. */
  seq: number;
}

/** What happens to a link, or to the service. */
export type CoreEvent =
  | {
      /** The data. */
      data: ServiceStatusChanged;
      name: "serviceStatus";
    }
  | {
      /** The data. */
      data: ResourceUnbound;
      name: "resourceUnbound";
    }
  | {
      /** The data. */
      data: SubscriptionEnded;
      name: "subscriptionEnded";
    }
  | {
      /** The data. */
      data: Empty;
      name: "linkMoved";
    }
  | {
      /** The data. */
      data: TokenExpiring;
      name: "tokenExpiring";
    }
  | {
      /** The data. */
      data: Shutdown;
      name: "shutdown";
    };

/** `coreEvent`. */
export interface CoreEventMessage {
  /** What happened. */
  event: CoreEvent;
  /** The message's number; absent from `linkMoved`. */
  seq?: number;
}

/** What the network core is asked. */
export type CoreRequest =
  | (GetServices & {
      command: "getServices";
    })
  | (ServiceBinding & {
      command: "bindService";
    })
  | (ServiceBinding & {
      command: "unbindService";
    })
  | (ResourceBinding & {
      command: "bindResource";
    })
  | (ResourceBinding & {
      command: "unbindResource";
    });

/** `coreResponse`: the success of a core request. One that fails gets a `coreError`. */
export type CoreResponse =
  | (ServicesAnswer & {
      command: "getServices";
    })
  | (CoreDone & {
      command: "bindService";
    })
  | (CoreDone & {
      command: "unbindService";
    })
  | (CoreDone & {
      command: "bindResource";
    })
  | (CoreDone & {
      command: "unbindResource";
    })
  | (CoreDone & {
      command: "authenticate";
    });

/** Who an agent is. */
export interface Credentials {
  /** The agent's login id. */
  id: string;
  /** The password. A secret: null wherever a message is sent a second time, and always where the server does not echo it. */
  password?: string;
}

/** The whole data of a contact. */
export interface DataTree {
  /** Values by key. */
  data: {
    [k: string]: unknown;
  };
}

/** Whom to call. */
export interface Destination {
  /** A number, an extension or an address. */
  destination: string;
}

/** What a device is to a call. */
export type DeviceType = "Trigger" | "IVR" | "CSQ" | "Agent" | "External";

/** `channel.dial`. */
export interface Dial {
  /** What to dial. */
  destination: string;
  /** Interaction data the new call is to carry from its beginning, by the same keys as `interaction.request.updatedata`. */
  extensions?: {
    [k: string]: string | null;
  };
}

/** `conversation.dtmf`. */
export interface Digits {
  /** `0` to `9`, `*`, `#`. */
  digits: string;
}

/** `disconnect`: ends the link at once. It is not answered. */
export interface Disconnect {
  /** Of no effect. */
  requestId?: string;
}

/** An object without properties. */
export interface Empty {}

/** `coreError`, `serviceError`, `resourceError`: what could not be routed, or a core request that failed. */
export interface ErrorMessage {
  /** Why it failed. */
  failure: Failure;
  /** Whether the answer was acknowledged before and is sent again. */
  repeated?: boolean;
  /** Of the request, where one is to blame. */
  requestId?: string;
  /** Of a resource's request: the resource it names. */
  resourceId?: string;
  /** The message's number; absent on a socket that has no link. */
  seq?: number;
  /** Of a service's or resource's request: the service it names. */
  serviceId?: string;
}

/** Why something failed. */
export interface Failure {
  /** What kind of failure it is. */
  code: FailureCode;
  /** Detail for developers: empty unless the server is told to debug. */
  context: string;
  /** What is wrong and what to do, in English. */
  message: string;
  /** The values in the message, for translation. */
  params?: {
    [k: string]: string;
  };
  /** When it is worth trying again, where waiting helps. */
  retryAfterMs?: number;
}

/** Every failure code there is. */
export type FailureCode =
  | "request.malformed"
  | "request.toolarge"
  | "request.invalid"
  | "request.deadline"
  | "request.outcomeunknown"
  | "messagetype.unknown"
  | "command.unsupported"
  | "protocol.unsupported"
  | "service.unknown"
  | "resource.unknown"
  | "binding.required"
  | "binding.taken"
  | "link.required"
  | "link.elsewhere"
  | "rate.limited"
  | "access.denied"
  | "credentials.invalid"
  | "credentials.locked"
  | "model.unknown"
  | "cti.unavailable"
  | "cti.refused"
  | "domain.unavailable"
  | "session.notstarted"
  | "session.alreadystarted"
  | "session.notinitialized"
  | "target.unknown"
  | "target.invalid"
  | "state.invalid"
  | "interaction.ongoing"
  | "logout.reason.required"
  | "channel.exists"
  | "channel.inactive"
  | "channel.busy"
  | "channel.type.unsupported"
  | "destination.invalid"
  | "consult.missing"
  | "agent.unknown"
  | "call.unknown"
  | "internal.error";

/** `interaction.focuschanged`. */
export interface FocusChanged {
  /** The conversation in which is spoken; absent: none. */
  conversation?: ObjectId;
}

/** `getServices`. */
export interface GetServices {
  /** Names the request in its answer. */
  requestId: string;
  /** Only services of this type. */
  serviceType?: string;
}

/** `channelgroup.created`. */
export interface GroupCreated {
  /** The group. */
  channelgroup: GroupObject;
}

/** A group. */
export interface GroupObject {
  /** Its id. */
  id: string;
  /** The name people read. */
  name: string;
}

/** What a link survives. */
export type Guarantee = "process" | "machine" | "domain";

/** Who the service is. */
export interface Info {
  /** Who makes the telephony platform; empty while it was never reached. */
  "cti-vendor": string;
  /** The platform's version. */
  "cti-version": string;
  /** The domain of servers that share one pool of clients. */
  "instance-domain": string;
  /** Who makes it. */
  vendor: string;
  /** Its version. */
  version: string;
}

/** `interaction.created`. */
export interface InteractionCreated {
  /** The contact. */
  interaction: InteractionObject;
}

/** `interaction.ended`. */
export interface InteractionEnded {
  /** Who ended it: `agent`, `caller`, where that is known. */
  by?: string;
  /** Why, in a word, where the platform says so. */
  cause?: string;
}

/** A contact. */
export interface InteractionObject {
  /** What `report.calljourney` takes. */
  callId: string;
  /** Where it comes from. */
  direction: string;
  /** Its id. */
  id: string;
  /** By which call model. */
  modeltype: string;
  /** When it began. */
  since: number;
  /** What it is. */
  type: string;
}

/** Where a call has been. */
export interface Journey {
  /** Its steps, the oldest first. */
  CallJourney: JourneyStep[];
}

/** Where a call has been, under the id asked for. */
export interface JourneyOf {
  /** The id asked for. */
  CallId: string;
  /** Its steps, the oldest first. */
  CallJourney: JourneyStep[];
}

/** One step of a journey. */
export interface JourneyStep {
  /** The leg it was on. */
  CallId: string;
  /** What happened there, for people. */
  Description: string;
  /** Where: a number, a queue's name, an extension. */
  Device: string;
  /** What that is. */
  DeviceType: DeviceType;
  /** How long it lasted, `HH:MM:SS`; of a running step: so far. */
  Duration: string;
  /** Whether its beginning or end was not seen. */
  Partial?: boolean;
  /** When it began. */
  StartedAt: number;
}

/** What the server bounds. */
export interface Limits {
  /** The longest message a client may send. */
  messageBytes: number;
  /** What may wait for one socket. */
  pendingBytes: number;
  /** What is kept of one link until it is acknowledged. */
  replayBytes: number;
  /** Requests a second. */
  requestsPerSecond: number;
}

/** How an agent logs out. */
export interface Logout {
  /** Why; some platforms want it (`logout-reason-required`). */
  reason?: Reason;
}

/** A member in full. */
export interface Member {
  /** The member's login id. */
  memberId: string;
  /** The name people read. */
  memberName: string;
  /** What the member is in the team: the first of these that holds. */
  memberType: MemberType;
  /** The platform's reason code; empty for none. */
  reason: string;
  /** When that state began. */
  since: number;
  /** What the member does, as the platform says it. */
  state: MemberState;
  /** What the member does, in three words. */
  status: MemberStatus;
}

/** `conversation.member.added`. */
export interface MemberAdded {
  /** Who. */
  member: MemberObject;
}

/** A member's id. */
export interface MemberId {
  /** The member's login id. */
  memberId: string;
}

/** Somebody in a conversation. */
export interface MemberObject {
  /** The number or address. */
  address: string;
  /** The id. */
  id: string;
  /** The name people read; empty where none is known. */
  name: string;
}

/** `conversation.member.removed`. */
export interface MemberRemoved {
  /** Who. */
  member: ObjectId;
}

/** What a member does. */
export type MemberState = "loggedout" | "notready" | "ready" | "reserved" | "talking" | "hold" | "work";

/** What a member does, in three words. */
export type MemberStatus = "ready" | "not_ready" | "ACW";

/** What a member is in a team. */
export type MemberType = "Supervisor" | "TeamLead" | "Agent";

/** A channel to open. */
export interface NewChannel {
  /** Its endpoint: an extension, an address. */
  endpoint: string;
  /** What it carries. */
  type: string;
}

/** A group to open. */
export interface NewGroup {
  /** Its channels. */
  channels: NewChannel[];
  /** The name people read. */
  name: string;
}

/** What happens to an object. What is created is told of its parent, everything else of the object itself. */
export type ObjectEvent =
  | {
      /** When. */
      at: number;
      /** What. */
      data: SessionInitialized;
      name: "session.initialized";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: GroupCreated;
      name: "channelgroup.created";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: Empty;
      name: "channelgroup.initialized";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: Empty;
      name: "channelgroup.disposed";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: ChannelCreated;
      name: "channel.created";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: ChannelInfoChanged;
      name: "channel.infochanged";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: Empty;
      name: "channel.initialized";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: Empty;
      name: "channel.disposed";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: InteractionCreated;
      name: "interaction.created";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: DataTree;
      name: "interaction.datachanged";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: DataTree;
      name: "interaction.preview";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: Empty;
      name: "interaction.initialized";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: FocusChanged;
      name: "interaction.focuschanged";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: InteractionEnded;
      name: "interaction.ended";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: Empty;
      name: "interaction.disposed";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: ConversationCreated;
      name: "conversation.created";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: MemberAdded;
      name: "conversation.member.added";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: MemberRemoved;
      name: "conversation.member.removed";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: Empty;
      name: "conversation.initialized";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      /** When. */
      at: number;
      /** What. */
      data: Empty;
      name: "conversation.disposed";
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    };

/** An object's id. */
export interface ObjectId {
  /** The id. */
  id: string;
}

/** The states of all kinds of objects. */
export type ObjectState =
  | "PREPARED"
  | "STARTING"
  | "INITIALIZED"
  | "CLOSED"
  | "INACTIVE"
  | "ACTIVE"
  | "UNAVAILABLE"
  | "ALERTING"
  | "DIALING"
  | "STARTED"
  | "CONNECTED"
  | "HELD"
  | "ENDED"
  | "COMPLETED";

/** A command that is allowed, or not. */
export interface Permission {
  /** The command, without `request.` in its name. */
  name: string;
  /** Whether it is allowed. */
  type: Action;
}

/** `ping`: asks for a sign of life, answered at once. */
export interface Ping {
  /** Repeated in the answer. */
  requestId?: string;
}

/** `pong`: the answer to `ping`. It carries no number. */
export interface Pong {
  /** Of the `ping`, if it had one. */
  requestId?: string;
  /** The server's time. */
  time: number;
}

/** Whose session, and how. */
export interface PrepareSession {
  /** Who. */
  agent: Credentials;
  /** The call model; absent or blank: the default one. */
  model?: string;
  /** Whether to take over a session that there is already. */
  override?: boolean;
}

/** A session's resource. */
export interface PreparedResource {
  /** The request's data. */
  data: PrepareSession;
  /** What to bind. */
  id: string;
}

/** A queue in full. */
export interface Queue {
  /** How many of the agents who take its contacts do what; absent where nobody is known to take them. */
  agents?: AgentsByState;
  /** Since when the one waits that has waited longest; absent where none does. */
  longestWaitSince?: number;
  /** The queue's id. */
  queueId: string;
  /** The name people read. */
  queueName: string;
  /** How its day went so far. */
  today: Today;
  /** How many contacts wait in it now. */
  waiting: number;
}

/** A queue, for one subscribed agent. */
export interface QueueData {
  /** The agent that was subscribed to. */
  agentId: string;
  /** The queue. */
  queue: Queue;
}

/** A queue's id and name. */
export interface QueueName {
  /** The queue's id. */
  queueId: string;
  /** The name people read. */
  queueName: string;
}

/** A queue's name, for one subscribed agent. */
export interface QueueNameData {
  /** The agent that was subscribed to. */
  agentId: string;
  /** The queue. */
  queue: QueueName;
}

/** A reason, as the platform's administrator set it. */
export interface Reason {
  /** Its code. */
  code?: string;
  /** Its name. */
  name?: string;
}

/** The codes the platform's administrator set up, with what they are called. */
export interface ReasonCodes {
  /** For logging out. */
  logoutReasons: Reason[];
  /** For going not ready. */
  notReadyReasons: Reason[];
  /** For what came of a contact. */
  wrapUpCodes: Reason[];
}

/** Why. */
export interface ReasonOf {
  /** The reason. */
  reason?: Reason;
}

/** Which calls to list. */
export interface RecentCalls {
  /** How many at most: 1 to 1000; absent: 50. */
  limit?: number;
  /** Only calls from or to this number. */
  number?: string;
}

/** A request that failed. */
export interface Refusal {
  /** What was asked. */
  command: string;
  /** Why it failed. */
  failure: Failure;
  /** The request. */
  original: unknown;
  /** Of which object. */
  target?: string;
}

/** `session.request.removechannel`. */
export interface RemoveChannel {
  /** The channel. */
  channel: ObjectId;
}

/** `session.request.removechannelgroup`. */
export interface RemoveGroup {
  /** The group. */
  channelgroup: ObjectId;
}

/** What the report resource tells. */
export type ReportEvent =
  | {
      /** When. */
      at: number;
      /** What happened. */
      data: TeamMembersData;
      name: "report.teamstatus.teamadded";
    }
  | {
      /** When. */
      at: number;
      /** What happened. */
      data: TeamNameData;
      name: "report.teamstatus.teamremoved";
    }
  | {
      /** When. */
      at: number;
      /** What happened. */
      data: TeamNameData;
      name: "report.teamstatus.teamchanged";
    }
  | {
      /** When. */
      at: number;
      /** What happened. */
      data: TeamMembersData;
      name: "report.teamstatus.memberadded";
    }
  | {
      /** When. */
      at: number;
      /** What happened. */
      data: TeamMembersData;
      name: "report.teamstatus.memberstatuschanged";
    }
  | {
      /** When. */
      at: number;
      /** What happened. */
      data: TeamData;
      name: "report.teamstatus.memberremoved";
    }
  | {
      /** When. */
      at: number;
      /** What happened. */
      data: QueueData;
      name: "report.queuestatus.queueadded";
    }
  | {
      /** When. */
      at: number;
      /** What happened. */
      data: QueueData;
      name: "report.queuestatus.queuechanged";
    }
  | {
      /** When. */
      at: number;
      /** What happened. */
      data: QueueNameData;
      name: "report.queuestatus.queueremoved";
    }
  | {
      /** When. */
      at: number;
      /** What happened. */
      data: JourneyOf;
      name: "report.calljourney.updated";
    }
  | {
      /** When. */
      at: number;
      /** What happened. */
      data: CallOf;
      name: "report.calljourney.ended";
    };

/** What the report resource is asked. */
export type ReportRequest =
  | {
      command: "report.teamstatus.begin";
      /** The data. */
      data: AgentOf;
    }
  | {
      command: "report.teamstatus.end";
      /** The data. */
      data: AgentOf;
    }
  | {
      command: "report.queuestatus.begin";
      /** The data. */
      data: AgentOf;
    }
  | {
      command: "report.queuestatus.end";
      /** The data. */
      data: AgentOf;
    }
  | {
      command: "report.calljourney";
      /** The data. */
      data: CallOf;
    }
  | {
      command: "report.calljourney.begin";
      /** The data. */
      data: CallOf;
    }
  | {
      command: "report.calljourney.end";
      /** The data. */
      data: CallOf;
    }
  | {
      command: "report.calljourney.recent";
      /** The data. */
      data?: RecentCalls;
    }
  | {
      command: "report.reasoncodes";
      /** The data. */
      data?: Empty;
    };

/** What the report resource answers with success. */
export type ReportSuccess =
  | {
      command: "report.teamstatus.begin";
      /** The data. */
      data: Empty;
    }
  | {
      command: "report.teamstatus.end";
      /** The data. */
      data: Empty;
    }
  | {
      command: "report.queuestatus.begin";
      /** The data. */
      data: Empty;
    }
  | {
      command: "report.queuestatus.end";
      /** The data. */
      data: Empty;
    }
  | {
      command: "report.calljourney";
      /** The data. */
      data: Journey;
    }
  | {
      command: "report.calljourney.begin";
      /** The data. */
      data: Empty;
    }
  | {
      command: "report.calljourney.end";
      /** The data. */
      data: Empty;
    }
  | {
      command: "report.calljourney.recent";
      /** The data. */
      data: Calls;
    }
  | {
      command: "report.reasoncodes";
      /** The data. */
      data: ReasonCodes;
    };

/** `resourceResponse`. */
export interface ResourceAnswer {
  /** Whether the answer was acknowledged before and is sent again. */
  repeated?: boolean;
  /** Of the request. */
  requestId: string;
  /** Which resource answers. */
  resourceId: string;
  /** What it answers. */
  response: ResourceResult;
  /** The message's number. */
  seq: number;
  /** Of which service. */
  serviceId: string;
}

/** `bindResource`, `unbindResource`. */
export interface ResourceBinding {
  /** Names the request in its answer. */
  requestId: string;
  /** Which resource. */
  resourceId: string;
  /** Of which service. */
  serviceId: string;
}

/** What a resource is asked; its `command` says of which kind it is. */
export type ResourceCommand = ReportRequest | SessionCommand;

/** What happens to a resource. */
export type ResourceEvent = ReportEvent | SessionEvent;

/** `resourceEvent`. */
export interface ResourceEventMessage {
  /** What happened. */
  event: ResourceEvent;
  /** Of which resource. */
  resourceId: string;
  /** The message's number. */
  seq: number;
  /** Of which service. */
  serviceId: string;
}

/** A resource. */
export interface ResourceInfo {
  /** What to bind. */
  id: string;
  /** What it speaks. */
  type: string;
}

/** A request to a resource. */
export interface ResourceRequest {
  /** What is asked. */
  request: ResourceCommand;
  /** Names the request in its answer: 1 to 64 bytes, chosen by the client, each once. */
  requestId: string;
  /** Which resource. */
  resourceId: string;
  /** Of which service. */
  serviceId: string;
}

/** What became of a request to a resource. */
export type ResourceResult =
  | (ResourceSuccess & {
      result: "success";
    })
  | (Refusal & {
      result: "failure";
    });

/** What a resource answers with success; its `command` says of which kind it is. */
export type ResourceSuccess = ReportSuccess | SessionCommand;

/** A session is not this link's any more; everything beneath it is disposed. */
export interface ResourceUnbound {
  /** With `superseded`: when. */
  at?: number;
  /** With `superseded`: by which client. */
  client?: string;
  /** Why. */
  reason: UnboundReason;
  /** Which. */
  resourceId: string;
  /** Of which service. */
  serviceId: string;
}

/** Which link to resume, and up to where it was read. */
export interface Resume {
  /** The link's `resumeKey`. A secret. */
  key: string;
  /** The number of the last message that was received, which acknowledges it; 0 for none. */
  seq: number;
}

/** Why a link cannot be resumed. */
export type ResumeRefusal = "expired" | "unknown" | "gap" | "instance";

/** The server that answers. */
export interface Server {
  /** Which process of its domain it is. */
  instance: string;
  /** `interaction-processor`. */
  name: string;
  /** Its version. */
  version: string;
}

/** Every message the server sends. */
export type ServerMessage =
  | (Connected & {
      messageType: "connected";
    })
  | (Pong & {
      messageType: "pong";
    })
  | (CoreResponse & {
      messageType: "coreResponse";
    })
  | (CoreEventMessage & {
      messageType: "coreEvent";
    })
  | (ErrorMessage & {
      messageType: "coreError";
    })
  | (ServiceAnswer & {
      messageType: "serviceResponse";
    })
  | (ErrorMessage & {
      messageType: "serviceError";
    })
  | (ResourceAnswer & {
      messageType: "resourceResponse";
    })
  | (ResourceEventMessage & {
      messageType: "resourceEvent";
    })
  | (ErrorMessage & {
      messageType: "resourceError";
    });

/** A service. */
export interface Service {
  /** What to bind. */
  id: string;
  /** Who it is. */
  info: Info;
  /** The name people read. */
  name: string;
  /** Its resources that this link may bind. */
  resources: ResourceInfo[];
  /** How it is. */
  serviceStatus: ServiceStatus;
  /** What it speaks. */
  type: string;
}

/** `serviceResponse`. */
export interface ServiceAnswer {
  /** Whether the answer was acknowledged before and is sent again. */
  repeated?: boolean;
  /** Of the request. */
  requestId: string;
  /** What it answers. */
  response: ServiceResult;
  /** The message's number. */
  seq: number;
  /** Which service answers. */
  serviceId: string;
}

/** `bindService`, `unbindService`. */
export interface ServiceBinding {
  /** Names the request in its answer. */
  requestId: string;
  /** Which service. */
  serviceId: string;
}

/** Services. */
export interface ServiceList {
  /** Each of them. */
  services: Service[];
}

/** What the service is asked. */
export type ServiceRequest =
  | {
      command: "prepareSession";
      /** The data. */
      data: PrepareSession;
    }
  | {
      command: "getCapabilities";
      /** The data. */
      data?: Empty;
    };

/** What became of a request to the service. */
export type ServiceResult =
  | (ServiceSuccess & {
      result: "success";
    })
  | (SessionConfirm & {
      result: "confirm";
    })
  | (Refusal & {
      result: "failure";
    });

/** How a service is. */
export interface ServiceStatus {
  /** False only while it stops. */
  acceptingClients: boolean;
  /** How many links have bound it. */
  clientCount: number;
  /** In a word. */
  status: Status;
}

/** The service's status changed. */
export interface ServiceStatusChanged {
  /** Which service. */
  serviceId: string;
  /** How it is now. */
  serviceStatus: ServiceStatus;
}

/** What the service answers with success. */
export type ServiceSuccess =
  | {
      command: "prepareSession";
      /** The session's resource. */
      resource: PreparedResource;
    }
  | {
      command: "getCapabilities";
      /** Each feature by its key; one that is absent is not offered. */
      data: {
        [k: string]: boolean;
      };
    };

/** The success of `getServices`. */
export interface ServicesAnswer {
  /** The services. */
  data: ServiceList;
  /** Whether the answer was acknowledged before and is sent again. */
  repeated?: boolean;
  /** Of the request. */
  requestId: string;
  /** `success`. */
  result: Success;
  /** The message's number. */
  seq: number;
}

/** What a session's object is asked; a success repeats it, though without `data` for the session's start and logout. */
export type SessionCommand =
  | {
      command: "session.start";
      /** With what. */
      data?: StartSession;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "session.request.logout";
      /** With what. */
      data?: Logout;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "session.request.addchannel";
      /** With what. */
      data?: AddChannel;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "session.request.removechannel";
      /** With what. */
      data?: RemoveChannel;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "session.request.addchannelgroup";
      /** With what. */
      data?: AddGroup;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "session.request.removechannelgroup";
      /** With what. */
      data?: RemoveGroup;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "session.request.supervise.ready";
      /** With what. */
      data?: Supervise;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "session.request.supervise.notready";
      /** With what. */
      data?: Supervise;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "session.request.supervise.logout";
      /** With what. */
      data?: Supervise;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "session.request.supervise.listen";
      /** With what. */
      data?: Supervise;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "session.request.supervise.coach";
      /** With what. */
      data?: Supervise;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "session.request.supervise.barge";
      /** With what. */
      data?: Supervise;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "session.request.supervise.takeover";
      /** With what. */
      data?: Supervise;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "channelgroup.request.activate";
      /** With what. */
      data?: ActivateChannel;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "channelgroup.request.deactivate";
      /** With what. */
      data?: ActivateChannel;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "channelgroup.request.activateall";
      /** With what. */
      data?: ActivateAll;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "channelgroup.request.deactivateall";
      /** With what. */
      data?: ActivateAll;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "channel.request.ready";
      /** With what. */
      data?: ReasonOf;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "channel.request.notready";
      /** With what. */
      data?: ReasonOf;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "channel.request.acw";
      /** With what. */
      data?: ReasonOf;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "channel.dial";
      /** With what. */
      data?: Dial;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "interaction.accept";
      /** With what. */
      data?: Empty;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "interaction.reject";
      /** With what. */
      data?: Empty;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "interaction.complete";
      /** With what. */
      data?: Complete;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "interaction.request.updatedata";
      /** With what. */
      data?: {
        [k: string]: string | null;
      };
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "interaction.consult";
      /** With what. */
      data?: Destination;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "interaction.alternate";
      /** With what. */
      data?: Empty;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "interaction.consulttransfer";
      /** With what. */
      data?: Empty;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "interaction.consultconference";
      /** With what. */
      data?: Empty;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "interaction.request.recording.start";
      /** With what. */
      data?: Empty;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "interaction.request.recording.stop";
      /** With what. */
      data?: Empty;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "interaction.request.recording.pause";
      /** With what. */
      data?: Empty;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "interaction.request.recording.resume";
      /** With what. */
      data?: Empty;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "conversation.answer";
      /** With what. */
      data?: Empty;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "conversation.drop";
      /** With what. */
      data?: Empty;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "conversation.hold";
      /** With what. */
      data?: Empty;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "conversation.retrieve";
      /** With what. */
      data?: Empty;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "conversation.transfer";
      /** With what. */
      data?: Destination;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "conversation.conference";
      /** With what. */
      data?: Destination;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    }
  | {
      command: "conversation.dtmf";
      /** With what. */
      data?: Digits;
      /** The object: the ids from the session down to it, joined by dots. */
      target: string;
    };

/** The agent has a session already; nothing changed. To take it over, ask again with `override` true. */
export interface SessionConfirm {
  /** `prepareSession`. */
  command: string;
  /** The same as values. */
  details: SessionHolder;
  /** Who has it, since when, where, and how many calls are in progress: for people. */
  message: string;
  /** The request. */
  original: unknown;
}

/** What happens to a session's objects. */
export type SessionEvent =
  | (ObjectEvent & {
      messageType: "objectEvent";
    })
  | (StateUpdated & {
      messageType: "stateEvent";
    });

/** Who has a session. */
export interface SessionHolder {
  /** The agent, as the platform spells it. */
  agentId: string;
  /** How many calls are in progress. */
  calls: number;
  /** From which client. */
  client: string;
  /** On which server. */
  instance: string;
  /** Since when. */
  since: number;
}

/** `session.initialized`: the codes the platform's administrator set up, for the desktop's menus. */
export interface SessionInitialized {
  /** For logging out. */
  logoutReasons: Reason[];
  /** For going not ready. */
  notReadyReasons: Reason[];
  /** For what came of a contact. */
  wrapUpCodes: Reason[];
}

/** The server goes down. */
export interface Shutdown {
  /** How long sockets stay open yet. */
  graceMs: number;
}

/** How a session starts. */
export interface StartSession {
  /** The extension to log in at; absent: the agent's own. */
  extension?: string;
}

/** `state.updated`. */
export interface StateUpdated {
  /** When this was so. */
  at: number;
  /** Which commands are allowed, or not, from now on: all of them the first time, later those that changed. */
  data: Permission[];
  /** `state.updated`. */
  name: StateUpdatedName;
  /** When that began. */
  since: number;
  /** Its state. */
  state: ObjectState;
  /** The object. */
  target: string;
}

/** `state.updated`. */
export type StateUpdatedName = "state.updated";

/** How a service is, in a word. */
export type Status = "Starting" | "InService" | "OutOfService" | "Stopping";

/** What was subscribed to. */
export type Subscribed = AgentOf | CallOf;

/** What begins a subscription. */
export type SubscriptionCommand = "report.teamstatus.begin" | "report.queuestatus.begin" | "report.calljourney.begin";

/** A subscription is over, because the right to it is. */
export interface SubscriptionEnded {
  /** What began it. */
  command: SubscriptionCommand;
  /** To what. */
  data: Subscribed;
  /** Of which resource. */
  resourceId: string;
  /** Of which service. */
  serviceId: string;
}

/** `success`. */
export type Success = "success";

/** `session.request.supervise.*`. */
export interface Supervise {
  /** Whom it concerns. */
  agentId: string;
  /** Which call, for what concerns a call. */
  callId?: string;
  /** Why, for what changes a state. */
  reason?: Reason;
}

/** A team and members of it, in full, by id. */
export interface Team {
  /** Every member of a team that is added, else those the event is about. */
  members: Member[];
  /** The team's id. */
  teamId: string;
  /** The name people read. */
  teamName: string;
}

/** A team with the ids of members, for one subscribed agent. */
export interface TeamData {
  /** The agent that was subscribed to. */
  agentId: string;
  /** The team. */
  team: TeamMembers;
}

/** A team and members of it who left, by id. */
export interface TeamMembers {
  /** Who left. */
  members: MemberId[];
  /** The team's id. */
  teamId: string;
  /** The name people read. */
  teamName: string;
}

/** A team with members, for one subscribed agent. */
export interface TeamMembersData {
  /** The agent that was subscribed to. */
  agentId: string;
  /** The team. */
  team: Team;
}

/** A team's id and name. */
export interface TeamName {
  /** The team's id. */
  teamId: string;
  /** The name people read. */
  teamName: string;
}

/** A team's name, for one subscribed agent. */
export interface TeamNameData {
  /** The agent that was subscribed to. */
  agentId: string;
  /** The team. */
  team: TeamName;
}

/** How a queue's day went. */
export interface Today {
  /** Contacts that gave up in it. */
  abandoned: number;
  /** Contacts an agent answered for this queue. */
  answered: number;
  /** Whether something of the day was not seen: the server was started, or lost the platform, meanwhile. */
  partial?: boolean;
  /** When the day began. */
  since: number;
}

/** The token expires soon: `authenticate`, or the socket closes (4003). */
export interface TokenExpiring {
  /** When. */
  expiresAt: number;
}

/** Why a session is not a link's any more. */
export type UnboundReason = "superseded" | "ended" | "released";
