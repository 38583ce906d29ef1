// What every entry point has.

export { Client } from "./client.js";
export type { AskOptions, ClientEvents, ConnectOptions, Connection, PrepareOptions } from "./client.js";
export { connect } from "./connect.js";
export type { ListenOptions } from "./emitter.js";
export { ProcessorError } from "./errors.js";
export type { ClientCode, ErrorCode } from "./errors.js";
export type { Request } from "./link.js";
export type * from "./protocol.js";
export { Session } from "./session.js";
export type { Socket, SocketEvents, Transport } from "./transport.js";
export { Journey, Queues, Roster } from "./watched.js";
export type { RosterTeam, WatchedEvents } from "./watched.js";
export type { DeskEnded as SessionEnded, DeskEndReason as EndReason, DeskFreshReason as FreshReason, DeskLoss as Loss } from "./wasm/desk.js";
