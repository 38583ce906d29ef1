// What of a session's events was somebody else's doing, in words. Own acts are known by their commands.

import type { AvailabilityWord, Reason, SessionEvent } from "interaction-processor";

import { isBySupervisor, reasonName } from "../logic/availability";
import { causeOf, nameOf } from "../logic/calls";
import type { Contact } from "../logic/calls";

/** For how long what happens to an object is put down to the last command to it. */
const CAUSE_MS = 10_000;

export type Actor = "this tab" | "another tab";

interface Act {
  actor: Actor;
  command: string;
  target: string;
  at: number;
}

export interface Told {
  /** Who did it, for people. */
  actor: string;
  text: string;
}

interface Known {
  contacts: readonly Contact[];
  reasons: readonly Reason[];
}

interface Availability {
  state: AvailabilityWord;
  reason: Reason | undefined;
  pending: AvailabilityWord | undefined;
}

/** Of Cisco's platforms: what everybody is after a login. */
const JUST_LOGGED_IN = "32760";
const ELSEWHERE = "Phone, supervisor or platform";
const OTHER_TAB = "Another tab";
const PLATFORM = "Telephony platform";
const SUPERVISOR = "A supervisor";
/** What makes somebody so. */
const SETS: Record<AvailabilityWord, readonly string[]> = {
  READY: ["ready", "complete"], NOT_READY: ["notready"], BUSY: ["ready", "notready", "acw"], ACW: ["acw", "drop"],
};
const JOINS = ["conference", "consultconference", "transfer", "consulttransfer", "drop", "consult"];

/** Tells own acts from those of others. */
export class Others {
  readonly #acts: Act[] = [];
  readonly #availability = new Map<string, Availability>();
  readonly #states = new Map<string, string>();

  /** A command was sent. */
  did(act: Act): void {
    this.#acts.push(act);
    while (this.#acts.length > 50) this.#acts.shift();
  }

  /** What is already so, and nobody's news. */
  saw(target: string, state: string | undefined, availability?: Availability): void {
    if (state !== undefined) this.#states.set(target, state);
    if (availability) this.#availability.set(target, availability);
  }

  /** What to tell of an event, if anything. `before` are the contacts as they were before it. */
  heard(event: SessionEvent, now: number, before: Known, after: Known): Told | undefined {
    switch (event.name) {
      case "channel.infochanged":
        return this.#availabilityChanged(event.target, event.data.channel.availability, now, after.reasons);
      case "state.updated":
        return this.#stateUpdated(event, now, after);
      case "interaction.ended":
        return this.#ended(event, now, before);
      case "conversation.member.added": {
        const contact = contactAt(before, event.target);
        const isNews = contact !== undefined && contact.interaction.initialized && contact.stage !== "alerting" && contact.interaction.state !== "DIALING";
        const line = contact?.consult?.target === event.target ? contact.consult : contact?.primary;
        if (!isNews || (line?.members ?? []).length === 0 || this.#byWhom(event.target, JOINS, now)) return undefined;
        return { actor: event.data.member.name || event.data.member.address, text: "joined the call" };
      }
      case "conversation.member.removed": {
        const line = contactAt(before, event.target);
        const members = (line?.consult?.target === event.target ? line.consult : line?.primary)?.members ?? [];
        const who = members.find(({ id }) => id === event.data.member.id);
        if (!who || members.length < 2 || this.#byWhom(event.target, JOINS, now)) return undefined;
        return { actor: who.name || who.address, text: "left the call" };
      }
      default:
        return undefined;
    }
  }

  #availabilityChanged(target: string, told: { state: AvailabilityWord; reason?: Reason; pending?: AvailabilityWord }, now: number, reasons: readonly Reason[]): Told | undefined {
    const was = this.#availability.get(target);
    const is = { state: told.state, reason: told.reason, pending: told.pending };
    this.#availability.set(target, is);
    if (!was || (was.state === is.state && was.reason?.code === is.reason?.code && was.pending === is.pending)) return undefined;
    const by = this.#byWhom(target, SETS[is.state], now);
    const name = reasonName(is.reason, reasons);
    const words = is.state === "NOT_READY" ? `set you not ready${name && !isBySupervisor(is.reason) ? `: ${name}` : ""}` : "set you ready";
    if (is.state === "BUSY" && is.pending !== was.pending && is.pending !== undefined && !by) {
      return { actor: ELSEWHERE, text: `asked for ${is.pending === "READY" ? "ready" : is.pending === "ACW" ? "wrap-up" : "not ready"} after this call` };
    }
    if (is.state === "BUSY" || is.state === "ACW" || by === "this tab") return undefined;
    if (by === "another tab") return { actor: OTHER_TAB, text: words };
    if (is.state === "READY") {
      // What was asked for during the call, and the end of a contact.
      if (was.pending === "READY" || was.state === "BUSY") return undefined;
      return was.state === "ACW" ? { actor: PLATFORM, text: "set you ready after wrap-up" } : { actor: ELSEWHERE, text: words };
    }
    if (was.pending === "NOT_READY" || is.reason?.code === JUST_LOGGED_IN) return undefined;
    if (isBySupervisor(is.reason)) return { actor: SUPERVISOR, text: words };
    // Codes beyond 32,000 are the platform's own.
    return { actor: Number(is.reason?.code) > 32_000 ? PLATFORM : ELSEWHERE, text: words };
  }

  #stateUpdated({ target, state }: { target: string; state: string }, now: number, after: Known): Told | undefined {
    const was = this.#states.get(target);
    this.#states.set(target, state);
    if (was === undefined || was === state) return undefined;
    const contact = contactAt(after, target);
    if (!contact || (contact.primary?.target !== target && contact.consult?.target !== target)) return undefined;
    const who = nameOf(contact);
    const elsewhere = (verbs: readonly string[], text: string): Told | undefined => {
      const by = this.#byWhom(target, verbs, now);
      if (by === "this tab") return undefined;
      return { actor: by ? OTHER_TAB : "At the phone", text };
    };
    const moves = ["hold", "retrieve", "alternate", "consult", "answer", "drop", "consultconference"];
    if (was === "ALERTING" && state === "CONNECTED") return elsewhere(["answer", "accept"], `answered the call with ${who}`);
    // During a consultation the platform itself swaps the two.
    if (contact.consult) return undefined;
    if (was === "CONNECTED" && state === "HELD") return elsewhere(moves, `put the call with ${who} on hold`);
    if (was === "HELD" && state === "CONNECTED") return elsewhere(moves, `retrieved the call with ${who}`);
    return undefined;
  }

  #ended(event: Extract<SessionEvent, { name: "interaction.ended" }>, now: number, before: Known): Told | undefined {
    const contact = before.contacts.find(({ target }) => target === event.target);
    const by = this.#byWhom(event.target, ["drop", "reject", "complete", "transfer", "consulttransfer"], now);
    if (by === "this tab") return undefined;
    const who = contact ? nameOf(contact) : "the other side";
    if (by === "another tab") return { actor: OTHER_TAB, text: `ended the call with ${who}` };
    const why = causeOf(event.data.cause);
    switch (event.data.by) {
      case "agent":
        return { actor: "At the phone", text: `the call with ${who} was ended` };
      case "party":
        return { actor: who, text: event.data.cause === "abandoned" ? "gave up while it rang" : "hung up" };
      default:
        if (event.data.cause === "noanswer") return { actor: PLATFORM, text: `took the call with ${who} back: ${why}` };
        return { actor: PLATFORM, text: `ended the call with ${who}${why === undefined ? "" : `: ${why}`}` };
    }
  }

  /** Who sent one of these commands to the object, one above or one beneath it lately; the last one counts. */
  #byWhom(target: string, verbs: readonly string[], now: number): Actor | undefined {
    const isNear = (act: Act) => act.target.startsWith(target) || target.startsWith(act.target);
    const does = (act: Act) => verbs.includes(act.command.split(".").at(-1) ?? "");
    return this.#acts.findLast((act) => now - act.at < CAUSE_MS && isNear(act) && does(act))?.actor;
  }
}

function contactAt({ contacts }: Known, target: string): Contact | undefined {
  return contacts.find((contact) => target.startsWith(`${contact.target}.`) || target === contact.target);
}
