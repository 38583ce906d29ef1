// What the agent does, from the channels and calls of the session; since when, from the roster.

import type { Channel, Member, MemberState, Reason, Session } from "interaction-processor";

import { reasonNames } from "../../data/reasons";
import { contactsOf } from "./calls";

export interface OwnState {
  state: MemberState;
  /** In the agent's words, where they differ from those of a roster. */
  word?: string;
  reason: Reason | undefined;
  /** When it began, where that is known. */
  since: number | undefined;
  /** What follows when the present contact is over. */
  pending: string | undefined;
}

/** The channel whose availability is the agent's. */
export function mainChannel(session: Session): Channel | undefined {
  return session.channels.find(({ object }) => object.type === "telephony") ?? session.channels[0];
}

/** What the agent does now; `heardAt` is when the channel last told a change. */
export function ownState(session: Session, self: Member | undefined, heardAt: number | undefined): OwnState | undefined {
  const channel = mainChannel(session);
  const availability = channel?.availability;
  if (!channel || !availability) return undefined;
  const { reason, pending } = availability;
  const contacts = contactsOf(session.objects);
  if (availability.state === "BUSY") {
    const now = contacts.find(({ stage }) => stage === "active") ?? contacts.find(({ stage }) => stage === "alerting") ?? contacts.find(({ stage }) => stage === "held");
    const state: MemberState = now?.stage === "held" ? "hold" : now?.stage === "alerting" ? "reserved" : "talking";
    const isDialling = now?.interaction.state === "DIALING";
    return { state, ...(isDialling ? { word: "Dialling" } : {}), reason: undefined, since: now?.since ?? self?.since, pending };
  }
  const state: MemberState = availability.state === "READY" ? "ready" : availability.state === "ACW" ? "work" : "notready";
  const since = self?.state === state ? self.since : heardAt;
  return { state, reason, since, pending };
}

/** What Cisco's platforms give an agent whose state a supervisor changed, where the administrator has no name for it. */
const BY_SUPERVISOR = "33";

/** Whether a reason says that a supervisor did it. */
export function isBySupervisor(reason: Reason | undefined): boolean {
  return reason?.code === BY_SUPERVISOR && !reason.name;
}

/** The name of a reason, by the session's codes and the platform's own. */
export function reasonName(reason: Reason | string | undefined, known: readonly Reason[]): string | undefined {
  const { code, name } = typeof reason === "string" ? { code: reason, name: undefined } : (reason ?? {});
  if (name) return name;
  if (!code) return undefined;
  if (code === BY_SUPERVISOR && !known.some((one) => one.code === code)) return "Set by a supervisor";
  return reasonNames(known).of(code);
}

const PENDING_WORDS: Record<string, string> = { READY: "Ready", NOT_READY: "Not ready", ACW: "Wrap-up" };

export function pendingWord(pending: string): string {
  return PENDING_WORDS[pending] ?? pending;
}
