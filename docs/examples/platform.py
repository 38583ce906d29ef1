#!/usr/bin/env python3
"""A small telephony platform that feeds the interaction processor by JSON lines. Python 3, standard library only.

    platform.py --listen 9200               the processor connects here    (its configuration: connect = ["127.0.0.1:9200"])
    platform.py --connect 127.0.0.1:9200    it connects to the processor   (its configuration: listen = "127.0.0.1:9200")

Everybody's password is the id. See ../cti-jsonl.md for every line.
"""
import argparse, itertools, json, random, select, socket, time

AGENTS = {"1001": "Sam Super", "2001": "Ann Agent", "2002": "Bob Brown", "2003": "Cem Can"}
TEAMS = {"t1": ("Sales", ["2001", "2002"]), "t2": ("Service", ["2002", "2003"])}  # 1001 supervises both
QUEUE = {"id": "q1", "name": "Sales queue"}
states = {agent: "loggedout" for agent in AGENTS}
since = dict.fromkeys(AGENTS, int(time.time() * 1000))


class Platform:
    def __init__(self, connection, pace):
        self.connection, self.pace, self.calls = connection, pace, self.day()
        self.tell("hello", protocol=1, vendor="Example platform", version="1.0", reports="uccx",
                  offers=["telephony", "reports", "callJourneyLive"],
                  notReadyReasons=[{"code": "1", "name": "Lunch"}])
        self.tell("resyncBegin")
        self.tell("queue", **QUEUE)
        for agent, name in AGENTS.items():
            self.tell("agent", id=agent, name=name, extension="3" + agent[1:])
        for team, (name, members) in TEAMS.items():
            supervisor = {"agent": "1001", "role": "supervisor"}
            self.tell("team", id=team, name=name, members=[supervisor] + [{"agent": agent} for agent in members])
        for agent in AGENTS:
            self.tell("agentStatus", agent=agent, state=states[agent], since=since[agent])
        self.tell("resyncEnd")

    def tell(self, event, **properties):
        self.connection.sendall(json.dumps({"event": event, **properties}).encode() + b"\n")

    def set_state(self, agent, state, reason=""):
        states[agent], since[agent] = state, int(time.time() * 1000)
        self.tell("agentStatus", agent=agent, state=state, reason=reason, since=since[agent])

    def run(self):
        due, unread = time.monotonic(), b""
        while True:
            if select.select([self.connection], [], [], max(0, due - time.monotonic()))[0]:
                received = self.connection.recv(65536)
                if not received:
                    return
                *lines, unread = (unread + received).split(b"\n")
                for line in lines:
                    self.heard(json.loads(line))
            elif time.monotonic() >= due:
                next(self.calls)
                self.tell("ping")  # a sign of life: nothing for a minute would end the connection
                due = time.monotonic() + self.pace

    def heard(self, line):
        if "error" in line:
            print("refused:", line["error"]["message"], flush=True)
        if "command" not in line:
            return
        command, agent, answer = line["command"], line["agent"], {"result": "done"}
        known = agent in AGENTS
        if command in ("verify", "login") and not (known and line.get("password") == agent):
            answer = {"result": "refused", "kind": "credentials", "text": "unknown agent or wrong password"}
        elif command == "verify":
            answer = {"result": "verified", "agent": agent}
        elif command not in ("login", "logout", "setState"):
            answer = {"result": "refused", "kind": "unsupported", "text": f"this platform cannot {command}"}
        elif not known:
            answer = {"result": "refused", "kind": "unknownAgent", "text": "no such agent"}
        self.tell("answer", request=line["request"], **answer)
        if answer["result"] == "done":
            state = {"login": "notready", "logout": "loggedout"}.get(command) or line["state"]
            self.set_state(agent, state, line.get("reason", ""))

    def day(self):
        """A call after the other: trigger, ivr, queue, agent. Each yield is a pause."""
        trigger = {"kind": "trigger", "id": "8000", "label": "Sales hotline"}
        ivr = {"kind": "ivr", "id": "7001", "label": "Welcome"}
        for number in itertools.count(1):
            agent = random.choice([agent for agent in AGENTS if agent != "1001"])
            caller = {"kind": "external", "id": f"555{number:04}"}
            phone = {"kind": "agent", "id": "3" + agent[1:], "agent": agent, "label": AGENTS[agent]}

            def call(what, id=f"{since['1001']}-{number}", **properties):
                self.tell("call", **{"is": what}, call=id, **properties)

            if states[agent] == "loggedout":
                self.set_state(agent, "ready")
            call("began", kind="inbound", **{"from": caller["id"]}, to="8000", data={"ani": caller["id"]})
            call("ringing", device=trigger)
            yield
            call("diverted", device=trigger, cause="redirected")
            call("connected", device=ivr)
            yield
            call("queued", queues=[QUEUE["id"]])
            yield
            call("dequeued")
            call("diverted", device=ivr, cause="redirected")
            call("ringing", device=phone, queue=QUEUE["id"])
            self.set_state(agent, "reserved")
            yield
            call("connected", device=phone)
            self.set_state(agent, "talking")
            yield
            call("left", device=phone, cause="normal")
            call("ended", cause="normal")
            self.set_state(agent, "work")
            yield
            self.set_state(agent, "ready")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--listen", type=int, metavar="PORT", help="0 takes a free one and prints it")
    where.add_argument("--connect", metavar="HOST:PORT")
    parser.add_argument("--pace", type=float, default=2, help="seconds between two steps of a call")
    options = parser.parse_args()
    if options.connect is None:
        listener = socket.create_server(("127.0.0.1", options.listen))
        print("listening on port", listener.getsockname()[1], flush=True)
    while True:
        try:
            if options.connect is None:
                connection = listener.accept()[0]
            else:
                connection = socket.create_connection(options.connect.rsplit(":", 1), timeout=5)
                connection.settimeout(None)
            with connection:
                Platform(connection, options.pace).run()
            print("the processor closed the connection", flush=True)
        except OSError as error:
            print("the connection failed:", error, flush=True)
        time.sleep(1)


if __name__ == "__main__":
    main()
