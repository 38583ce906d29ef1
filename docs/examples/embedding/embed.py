"""Embeds the engine: prepares a session and follows a team. `pip install wasmtime`, then `python embed.py engine.wasm`."""
import json, pathlib, secrets, sys, time
from wasmtime import Engine, Store, component

runtime = Engine()
store = Store(runtime)
instance = component.Linker(runtime).instantiate(store, component.Component.from_file(runtime, sys.argv[1]))
processor = instance.get_export_index(store, "interaction:processor/processor@0.1.0")

def function(name):
    return instance.get_func(store, instance.get_export_index(store, name, processor))

def now():
    return time.time_ns() // 1000

engine = function("[static]engine.create")(store, "{}", secrets.randbits(64), now())

def step(*inputs):
    answers = []
    outputs = function("[method]engine.step-json")(store, engine, now(), json.dumps(inputs))
    for output in json.loads(outputs):
        match output:
            case {"send": message}:
                print(message["text"])
            case {"cti": {"command": "verify", "request": request, "agent": agent, "password": "ann-secret"}}:
                answers.append({"event": "answer", "request": request, "result": "verified", "agent": agent})
            case {"cti": {"request": request}}:
                answers.append({"event": "answer", "request": request, "result": "refused"})
    if answers:
        step(*({"cti": line} for line in answers))

day = json.loads(pathlib.Path(__file__).with_name("conversation.json").read_text())
step(*({"cti": line} for line in day["platform"]))
step({"opened": {"socket": 1, "peer": "10.0.0.1", "access": {"scopes": ["agent", "reports"]}, "key": secrets.token_urlsafe(32)}})
step(*({"received": {"socket": 1, "text": json.dumps(message)}} for message in day["client"]))
step(*({"cti": line} for line in day["later"]))
