// Agents with a client of their own, past the pages: they make calls happen that a page looks at.

import { connect } from "interaction-processor";

import { eventually } from "./server.mjs";

const open = [];

/** A client past the line that can be cut. */
export async function clientOf(processor) {
  const client = connect({ url: processor.directUrl });
  open.push(client);
  return client.live();
}

export function closeClients() {
  for (const client of open.splice(0)) client.close();
}

/** An agent who is signed in. Its password is its id. */
export class Phone {
  #session;

  static async of(client, agentId) {
    const phone = new Phone();
    phone.agentId = agentId;
    phone.#session = await client.prepareSession({ agentId, password: agentId });
    await phone.#session.start();
    return phone;
  }

  #find(kind, state) {
    return [...this.#session.objects.values()].findLast((one) => one.kind === kind && (state === undefined || one.state === state));
  }

  /** Asks for it as soon as it is allowed. */
  async #do(command, kind, state, data) {
    const found = await eventually(() => {
      const object = this.#find(kind, state);
      return object?.enabled.includes(command) && object;
    }, `${this.agentId} may ${command}`);
    await this.#session.request(command, found.target, data);
  }

  ready() {
    return this.#session.ready();
  }
  answer() {
    return this.#do("conversation.answer", "conversation", "ALERTING");
  }
  hold() {
    return this.#do("conversation.hold", "conversation", "CONNECTED");
  }
  retrieve() {
    return this.#do("conversation.retrieve", "conversation", "HELD");
  }
  drop() {
    return this.#do("conversation.drop", "conversation", "CONNECTED");
  }
  consult(destination) {
    return this.#do("interaction.consult", "interaction", undefined, { destination });
  }
  transfer() {
    return this.#do("interaction.consulttransfer", "interaction");
  }
  conference() {
    return this.#do("interaction.consultconference", "interaction");
  }
  /** The id of the call it is on. */
  async callId() {
    return (await eventually(() => this.#find("interaction"), `${this.agentId} has a call`)).object.callId;
  }
}
