#!/usr/bin/env python3
"""A live roster on a terminal: a client of the interaction processor in Python 3, standard library only.

    wallboard.py [--url http://127.0.0.1:8430] [--agent 1001] [--token-file FILE] [--trace]

It speaks by HTTP long polls. ../schema has every message as JSON Schema, ../protocol.md explains them.
"""
import argparse, json, random, sys, time, urllib.error, urllib.request

options = argparse.ArgumentParser()
options.add_argument("--url", default="http://127.0.0.1:8430")
options.add_argument("--agent", default="1001", help="whose teams to show")
options.add_argument("--token-file")
options.add_argument("--trace", action="store_true", help="show every message on the standard error")
options = options.parse_args()
REPORTS = {"serviceId": "processor", "resourceId": "reports"}
BEGIN = [{"messageType": "coreRequest", "requestId": "2", "command": "bindService", "serviceId": "processor"},
         {"messageType": "coreRequest", "requestId": "3", "command": "bindResource", **REPORTS},
         {"messageType": "resourceRequest", "requestId": "4", **REPORTS,
          "request": {"command": "report.teamstatus.begin", "data": {"agentId": options.agent}}}]

def trace(arrow, message):
    if options.trace:
        print(arrow, json.dumps(message), file=sys.stderr, flush=True)

def http(path, key=None, message=None):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    request = urllib.request.Request(options.url + path, message and json.dumps(message).encode(), headers)
    if message:
        trace("->", message)
    with urllib.request.urlopen(request, timeout=40) as answer:  # the longest poll takes 30 s
        return json.loads(answer.read() or "null")

def connect():
    token = {"token": open(options.token_file).read().strip()} if options.token_file else {}
    connected = http("/v1/connect", None, {"messageType": "connect", "requestId": "1", "protocol": 1,
                                           "client": {"name": "wallboard.py"}, **token})
    trace("<-", connected)
    for message in BEGIN:
        http("/v1/messages", connected["resumeKey"], message)
    return connected["resumeKey"]  # a secret: whoever has it has the link

def messages():
    """Everything that comes, and None where it begins anew: a lost connection loses nothing, a lost link everything."""
    key, seq, wait = None, 0, 0.8
    while True:
        try:
            if key is None:
                key, seq = connect(), 0
                yield None
            # Acknowledges what came before; what it brings is kept by the server until the next poll.
            for message in http(f"/v1/messages?after={seq}&wait=25", key)["messages"]:
                trace("<-", message)
                seq, wait = message["seq"], 0.8
                yield message
        except urllib.error.HTTPError as error:
            if error.code not in (401, 409, 410):
                sys.exit(f"refused: {error.read().decode()}")
            key = None  # not known, a gap, ended
        except OSError:
            time.sleep(random.random() * wait)
            wait = min(30, wait * 2)

roster = {}
for message in messages():
    if message is None:
        roster.clear()
    elif "failure" in message.get("response", message):
        sys.exit(message.get("response", message)["failure"]["message"])
    elif message["messageType"] == "resourceEvent":
        kind, team = message["event"]["name"].rpartition(".")[2], message["event"]["data"]["team"]
        if kind in ("teamadded", "teamremoved"):
            roster.pop(team["teamId"], None)
        for member in team.get("members", []):
            members = roster.setdefault(team["teamId"], {})
            members.pop(member["memberId"], None)
            if kind != "memberremoved":  # in full
                members[member["memberId"]] = member
            print(team["teamName"], member["memberId"], member.get("state", "left"), flush=True)
