// Why something cannot be done now, derived from the state it would be done in.

import type { Conversation } from "interaction-processor";

import type { Contact } from "./calls";

export type ContactAction = "answer" | "hold" | "drop" | "transfer" | "consult" | "conference" | "keypad" | "record" | "reject";
export type ConsultAction = "alternate" | "complete" | "join" | "drop";

const ANSWER_FIRST = "Answer the call first";
const OVER = "The call is over";
const NOBODY_YET = "Nobody has answered yet";
const HELD = "The call is on hold: retrieve it first";
const NOT_A_PARTY = "You take part as a supervisor: only who has the call may do this";
const CONSULTING = "You are consulting: complete or drop that first";
const SECOND_CALL = "There is a second call: finish one of them first";

interface Around {
  /** How many calls the agent has a part in. */
  calls: number;
  isOffered: boolean;
}

/** Why an action of a contact that is not enabled is not. */
export function whyNot(action: ContactAction, contact: Contact, { calls, isOffered }: Around): string {
  if (!isOffered) return "This telephony platform does not offer it";
  if (contact.stage === "ended") return OVER;
  const line = contact.primary?.state;
  if (action === "answer") return line === "DIALING" ? "You are calling out" : "You are on this call already";
  if (contact.stage === "alerting") return action === "drop" || action === "reject" ? "This call cannot be refused" : ANSWER_FIRST;
  if (line === "DIALING" && action !== "drop") return NOBODY_YET;
  switch (action) {
    case "hold":
      if (contact.consult) return contact.stage === "held" ? "Alternate brings one of the two back" : CONSULTING;
      return line === "HELD" ? "Another call is active: hold it first" : NOT_A_PARTY;
    case "keypad":
      return line === "HELD" ? HELD : NOT_A_PARTY;
    case "transfer":
    case "consult":
    case "conference":
      if (contact.consult) return CONSULTING;
      if (calls > 1) return SECOND_CALL;
      return action === "conference" && line === "HELD" ? HELD : NOT_A_PARTY;
    case "record":
      return NOT_A_PARTY;
    default:
      return "Not in the present state of the call";
  }
}

/** Why an action on the two conversations of a consultation is not enabled. */
export function whyNotConsult(action: ConsultAction, consult: Conversation, isOffered: boolean): string {
  if (!isOffered) return "This telephony platform does not offer it";
  if (consult.state === "DIALING") return action === "drop" ? "It is being dialled" : NOBODY_YET;
  if (action === "alternate") return "One of the two has to be on hold, and the other active";
  return "Not in the present state of the two calls";
}

/** Why nobody can be called now. */
export function whyNotDial(availability: string | undefined, state: string | undefined): string {
  if (state === "INACTIVE") return "The telephony channel is switched off";
  return availability === "BUSY" ? "You are on a call: consult or transfer from its card" : "Not in your present state";
}
