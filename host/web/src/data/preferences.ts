// What this browser remembers: how things look and whose teams are watched. Never a password, a token or a name of a caller.

import { useSyncExternalStore } from "react";

const PREFIX = "interaction-processor.";
const listeners = new Set<() => void>();
const known = new Map<string, unknown>();

function read<Value>(name: string, usual: Value): Value {
  if (known.has(name)) return known.get(name) as Value;
  let value = usual;
  try {
    const text = localStorage.getItem(PREFIX + name);
    if (text !== null) value = JSON.parse(text) as Value;
  } catch {
    // Without storage, or with something else in it, everything is as usual.
  }
  known.set(name, value);
  return value;
}

function write(name: string, value: unknown): void {
  known.set(name, value);
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // It holds for as long as the page does.
  }
  for (const listener of listeners) listener();
}

// Another tab changed it.
addEventListener("storage", ({ key }) => {
  if (key !== null && !key.startsWith(PREFIX)) return;
  known.clear();
  for (const listener of listeners) listener();
});

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

/** A preference and what sets it; the same in all tabs. */
export function usePreference<Value>(name: string, usual: Value): [Value, (value: Value) => void] {
  const value = useSyncExternalStore(subscribe, () => read(name, usual));
  return [value, (value) => write(name, value)];
}
