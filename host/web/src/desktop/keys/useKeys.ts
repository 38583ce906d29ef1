import { useEffect } from "react";

import { usePreference } from "../../data/preferences";
import { KEY_ACTS, USUAL_KEYS, actOf, isCharacter, writtenKey } from "./keys";
import type { KeyAct, KeyMap } from "./keys";

/** The keys as the agent has them. */
export function useKeyMap(): [KeyMap, (keys: KeyMap) => void] {
  const [kept, setKept] = usePreference<Partial<KeyMap>>("desktop.keys", {});
  const sound = Object.fromEntries(KEY_ACTS.filter((act) => typeof kept?.[act] === "string").map((act) => [act, kept[act]]));
  return [{ ...USUAL_KEYS, ...sound }, setKept];
}

/** What a button that a key presses carries: there is at most one for each act. */
export function pressedBy(act: KeyAct): { "data-key-act": KeyAct } {
  return { "data-key-act": act };
}

/**
 * Presses the buttons that are marked with an act when its key is pressed, so that a key does what its button does, there
 * where it is told. `told` gets why it cannot be done now.
 */
export function useKeys(keys: KeyMap, told: (why: string) => void): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const written = writtenKey(event);
      const act = actOf(keys, written);
      if (act === undefined || written === undefined || document.querySelector("dialog[open]")) return;
      const isTyping = event.target instanceof Element && event.target.closest("input:not([type=radio]), textarea, select") !== null;
      if (isTyping && isCharacter(written)) return;
      // Browsers have uses of their own for some.
      event.preventDefault();
      if (event.repeat) return;
      const button = document.querySelector<HTMLButtonElement>(`[data-key-act="${act}"]`);
      if (!button) return told(NOTHING[act]);
      if (button.ariaDisabled === "true") told(`${button.firstChild?.textContent}: ${button.title}`);
      else {
        told("");
        button.click();
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [keys, told]);
}

const NOTHING: Record<KeyAct, string> = {
  answer: "No call rings", hold: "There is no call", drop: "There is no call", keypad: "There is no call",
  ready: "You are not signed in", notready: "You are not signed in",
};
