// Keys of the desktop: which act does what, and how a key press is written.

export const KEY_ACTS = ["answer", "hold", "drop", "ready", "notready", "keypad"] as const;
export type KeyAct = (typeof KEY_ACTS)[number];
export type KeyMap = Readonly<Record<KeyAct, string>>;

export const USUAL_KEYS: KeyMap = { answer: "F4", hold: "F6", drop: "F8", ready: "F9", notready: "F10", keypad: "#" };

export const KEY_WORDS: Record<KeyAct, string> = {
  answer: "Answer", hold: "Hold, retrieve, alternate", drop: "Hang up, refuse", ready: "Ready", notready: "Not ready", keypad: "Keypad",
};

const BARE = new Set(["Control", "Alt", "Shift", "Meta", "AltGraph", "Tab", "Escape", "Enter", " ", "Dead", "Unidentified", "Process"]);

/** How a press is written: `F4`, `Ctrl+Alt+h`, `#`; undefined for what cannot be a key of its own. */
export function writtenKey(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "altKey" | "shiftKey" | "metaKey">): string | undefined {
  const { key } = event;
  if (BARE.has(key) || event.metaKey) return undefined;
  const isCharacter = [...key].length === 1;
  // A character says by itself what the shift key did.
  const isTyped = isCharacter && event.ctrlKey === event.altKey;
  const held = isTyped ? [] : [event.ctrlKey && "Ctrl", event.altKey && "Alt", event.shiftKey && !isCharacter && "Shift"].filter(Boolean);
  return [...held, key].join("+");
}

/** Whether the key is a character, which where text is typed is text. */
export function isCharacter(written: string): boolean {
  return [...written].length === 1;
}

/** The act of a key. */
export function actOf(keys: KeyMap, written: string | undefined): KeyAct | undefined {
  return written === undefined ? undefined : KEY_ACTS.find((act) => keys[act] === written);
}

/** The keys with one changed; the act that had it gets the other's. */
export function withKey(keys: KeyMap, act: KeyAct, written: string): KeyMap {
  const other = actOf(keys, written);
  return { ...keys, ...(other === undefined ? {} : { [other]: keys[act] }), [act]: written };
}
