"""A live roster by HTTP long polls: [TOKEN=…] wallboard.py [URL [AGENT]]. Its messages are those of ../schema and ../protocol.md."""
import json, os, random, sys, time, urllib.error, urllib.request

URL, AGENT = (sys.argv[1:] + ["http://127.0.0.1:8430", "1001"][len(sys.argv) - 1:])[:2]
REPORTS = {"serviceId": "processor", "resourceId": "reports"}
BEGIN_TEAMS = {"command": "report.teamstatus.begin", "data": {"agentId": AGENT}}
CONNECT = {"messageType": "connect", "requestId": "1", "protocol": 1, "token": os.environ.get("TOKEN")}
BEGIN = [{"messageType": "coreRequest", "requestId": "2", "command": "bindService", "serviceId": "processor"},
         {"messageType": "coreRequest", "requestId": "3", "command": "bindResource", **REPORTS},
         {"messageType": "resourceRequest", "requestId": "4", "request": BEGIN_TEAMS, **REPORTS}]

def http(path, key=None, message=None):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    request = urllib.request.Request(URL + path, message and json.dumps(message).encode(), headers)
    with urllib.request.urlopen(request, timeout=40) as answer:  # a poll takes 25 s
        return json.loads(answer.read() or "null")

key, seq, wait = None, 0, 0.8
while True:
    try:
        if key is None:  # a lost connection loses nothing, a lost link everything
            fresh = http("/v1/connect", message=CONNECT)["resumeKey"]  # a secret: whoever has it has the link
            for message in BEGIN:
                http("/v1/messages", fresh, message)
            key, seq = fresh, 0
        for message in http(f"/v1/messages?after={seq}&wait=25", key)["messages"]:  # acknowledges what came before
            seq, wait = message["seq"], 0.8
            if failure := message.get("response", message).get("failure"):
                sys.exit(failure["message"])
            team = message.get("event", {}).get("data", {}).get("team", {})
            for member in team.get("members", []):
                state = "left" if message["event"]["name"].endswith("memberremoved") else member["state"]
                print(team["teamName"], member["memberId"], state, flush=True)
    except urllib.error.HTTPError as error:
        if error.code not in (401, 409, 410):
            sys.exit(f"refused: {error.read().decode()}")
        key = None  # not known, a gap, ended
    except OSError:
        time.sleep(random.random() * wait)
        wait = min(30, wait * 2)
