// An independent client of the protocol, without this package: what it saw is what others must have seen.

import { createRequire } from "node:module";

const WebSocket = globalThis.WebSocket ?? createRequire(import.meta.url)("ws");

/** Follows an agent's teams on an undisturbed socket. */
export class Witness {
  /** Every change of a member, as [member, state, since]. */
  changes = [];
  /** Member by id, as last told. */
  members = new Map();

  static async of(url, agentId) {
    const witness = new Witness();
    const socket = new WebSocket(url);
    witness.socket = socket;
    const at = { serviceId: "processor", resourceId: "reports" };
    const ask = (message) => socket.send(JSON.stringify(message));
    await new Promise((begun, failed) => {
      socket.onerror = failed;
      socket.onopen = () => ask({ messageType: "connect", requestId: "1" });
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        if (message.messageType === "connected") {
          ask({ messageType: "coreRequest", requestId: "2", command: "bindService", serviceId: at.serviceId });
          ask({ messageType: "coreRequest", requestId: "3", command: "bindResource", ...at });
          ask({
            messageType: "resourceRequest", requestId: "4", ...at,
            request: { command: "report.teamstatus.begin", data: { agentId } },
          });
        } else if (message.messageType === "resourceEvent") {
          const { name, data } = message.event;
          for (const member of data.team.members ?? []) {
            if (name.endsWith("memberstatuschanged")) witness.changes.push([member.memberId, member.state, member.since]);
            witness.members.set(member.memberId, member);
          }
          begun();
        }
      };
    });
    return witness;
  }

  close() {
    this.socket.close();
  }
}
