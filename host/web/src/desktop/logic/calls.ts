// The contacts of a session as the page shows them.

import type { Conversation, Interaction, SessionObject } from "interaction-processor";

/** What a contact is doing, in the order in which contacts are shown. */
export type Stage = "alerting" | "active" | "held" | "ended";

export interface Party {
  name: string;
  address: string;
}

export interface Contact {
  interaction: Interaction;
  target: string;
  medium: "telephony" | "chat" | "email";
  stage: Stage;
  /** When that began. */
  since: number;
  primary: Conversation | undefined;
  consult: Conversation | undefined;
  /** Who is on the other side, the first one first. */
  parties: readonly Party[];
  data: Readonly<Record<string, string>>;
}

const ORDER: readonly Stage[] = ["alerting", "active", "held", "ended"];

/** Every contact: what rings first, then what is spoken in, then what is held, then what is to be wrapped up; the newest first. */
export function contactsOf(objects: readonly SessionObject[]): Contact[] {
  const contacts = objects.filter((object) => object.kind === "interaction").map((interaction) => contactOf(interaction, objects));
  return contacts.sort((one, other) => ORDER.indexOf(one.stage) - ORDER.indexOf(other.stage) || other.since - one.since);
}

function contactOf(interaction: Interaction, objects: readonly SessionObject[]): Contact {
  const lines = objects.filter((object) => object.kind === "conversation" && object.target.startsWith(`${interaction.target}.`)) as Conversation[];
  const primary = lines.find(({ object }) => object.role === "primary");
  const consult = lines.find(({ object }) => object.role === "consult");
  const stage = stageOf(interaction, lines);
  const speaks = lines.find(({ state }) => state === "CONNECTED" || state === "DIALING") ?? primary ?? consult;
  const data = textsOf(interaction.data);
  return {
    interaction,
    target: interaction.target,
    medium: interaction.object.type as Contact["medium"],
    stage,
    since: (stage === "ended" ? interaction.since : speaks?.since) ?? interaction.since ?? interaction.object.since,
    primary,
    consult,
    parties: partiesOf(interaction, primary ?? consult, data),
    data,
  };
}

function stageOf({ state }: Interaction, lines: readonly Conversation[]): Stage {
  if (state === "ENDED" || state === "COMPLETED") return "ended";
  if (state === "ALERTING") return "alerting";
  return lines.length > 0 && lines.every((line) => line.state === "HELD") ? "held" : "active";
}

/** Values are texts; what a newer server may put in besides is shown as it is written. */
function textsOf(data: Readonly<Record<string, unknown>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]));
}

/** Who is on a conversation; of one that is over, whom its data tells. */
function partiesOf(interaction: Interaction, line: Conversation | undefined, data: Record<string, string>): Party[] {
  const members = membersOf(line);
  if (members.length > 0) return members;
  const address = interaction.object.direction === "outbound" ? data["dnis"] : data["ani"];
  return address ? [{ name: "", address }] : [];
}

export function membersOf(line: Conversation | undefined): Party[] {
  return (line?.members ?? []).map(({ name, address }) => ({ name, address }));
}

/** The one a contact is called by. */
export function nameOf({ parties, medium }: Pick<Contact, "parties" | "medium">): string {
  const [first] = parties;
  if (first) return first.name || first.address || "Number withheld";
  return { telephony: "Unknown number", chat: "Chat", email: "E-mail" }[medium];
}

const CAUSES: Record<string, string> = {
  noanswer: "it was not answered", busy: "the number was busy", abandoned: "the caller gave up", redirected: "the call went elsewhere",
  transferred: "the call was transferred", rejected: "it was refused", unreachable: "the number cannot be reached", failed: "the call failed",
};

/** Why a contact is over, as a clause; nothing where it simply is. */
export function causeOf(cause: string | undefined): string | undefined {
  return cause === undefined ? undefined : CAUSES[cause];
}

/** Why a contact is over, and by whom, as a sentence. */
export function endOf({ cause, by }: { cause?: string; by?: string }, isOutbound: boolean): string {
  const why = causeOf(cause);
  if (why !== undefined) return `Over: ${why}`;
  switch (by) {
    case "agent":
      return "You ended it";
    case "party":
      return isOutbound ? "The other side hung up" : "The caller hung up";
    case "platform":
      return "The telephony platform ended it";
    default:
      return "It is over";
  }
}
