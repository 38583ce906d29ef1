// A processor that only says what a test or a benchmark needs, as fast as it is read: a roster of many agents, and changes of them.

export const TEAMS = 50;
export const AGENTS = 5_000;
const STATES = ["ready", "notready", "talking", "work"];
const STATUS = { ready: "ready", notready: "not_ready", talking: "not_ready", work: "ACW" };
const AT = { serviceId: "processor", resourceId: "reports" };

const member = (n, turn) => {
  const state = STATES[turn % STATES.length];
  return {
    memberId: String(20_000 + n), memberType: "Agent", memberName: `Agent Number ${n}`, status: STATUS[state], reason: state === "notready" ? "22" : "",
    state, since: 1_790_000_000_000 + turn,
  };
};
const team = (n) => ({ teamId: String(n), teamName: `Team ${n}` });

/** One client's link: takes what it sends, and says what it hears. */
export class FakeLink {
  #seq = 0;
  #changes = 0;

  constructor(send) {
    this.send = (message) => send(JSON.stringify(message));
  }

  heard(text) {
    const { messageType, requestId, command, request } = JSON.parse(text);
    const answer = (message) => this.#numbered({ requestId, ...message });
    switch (messageType) {
      case "connect":
        return this.send({
          messageType: "connected", requestId, protocol: 1, server: { name: "bench", version: "1", instance: "a" }, client: { id: "c", name: "c" },
          resumeKey: "key", time: Date.now(), graceMs: 60_000, heartbeatMs: 15_000, guarantee: "process", instances: [],
          limits: { messageBytes: 65_536, pendingBytes: 4_194_304, replayBytes: 8_388_608, requestsPerSecond: 100 },
        });
      case "ping":
        return this.send({ messageType: "pong", requestId, time: Date.now() });
      case "coreRequest":
        return answer({
          messageType: "coreResponse", command, result: "success",
          ...(command === "getServices" ? { data: { services: [{
            id: AT.serviceId, name: "bench", type: "com.openmethods.iserver.processor",
            serviceStatus: { status: "InService", acceptingClients: true, clientCount: 1 },
            info: { vendor: "v", version: "1", "cti-vendor": "v", "cti-version": "1", "instance-domain": "d" },
            resources: [{ id: AT.resourceId, type: "com.openmethods.iserver.processor.reporting.uccx" }],
          }] } } : {}),
        });
      case "resourceRequest":
        answer({ messageType: "resourceResponse", ...AT, response: { command: request.command, result: "success", data: {} } });
        if (request.command === "report.calljourney.begin") this.#journey(request.data.CallId);
        else if (request.command.endsWith("begin")) this.#snapshot();
    }
  }

  /** A call that is over as soon as it is asked for. */
  #journey(CallId) {
    const step = { CallId, Device: "8000", DeviceType: "Trigger", Description: "Sales line", Duration: "00:00:00", StartedAt: 1_790_000_000_000 };
    this.#report("calljourney.updated", { CallId, CallJourney: [step] });
    this.#report("calljourney.ended", { CallId });
  }

  #snapshot() {
    const each = AGENTS / TEAMS;
    for (let n = 0; n < TEAMS; n++) {
      this.#event("teamadded", { ...team(n), members: Array.from({ length: each }, (_, at) => member(n * each + at, 0)) });
    }
  }

  /** One agent does something else. */
  change() {
    const n = (this.#changes * 7) % AGENTS;
    this.#changes += 1;
    this.#event("memberstatuschanged", { ...team(Math.floor(n / (AGENTS / TEAMS))), members: [member(n, this.#changes)] });
  }

  /** The network core tells something. */
  event(name, data) {
    this.#numbered({ messageType: "coreEvent", event: { name, data } });
  }

  #event(name, team) {
    this.#report(`teamstatus.${name}`, { agentId: "1001", team });
  }

  #report(name, data) {
    this.#numbered({ messageType: "resourceEvent", ...AT, event: { name: `report.${name}`, data, at: 1_790_000_000_000 } });
  }

  #numbered(message) {
    this.send({ ...message, seq: ++this.#seq });
  }
}
