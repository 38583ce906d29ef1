// Which card a key acts on where there are several.

import type { KeyAct } from "../keys/keys";
import type { Contact } from "../logic/calls";

type CallKey = Extract<KeyAct, "answer" | "hold" | "drop" | "keypad">;

const STAGES: Record<CallKey, readonly Contact["stage"][]> = {
  answer: ["alerting"],
  hold: ["active", "held"],
  drop: ["active", "held", "alerting"],
  keypad: ["active", "held"],
};

/** The target of each key: the card with the focus where the key means something there, else the first that fits. */
export function keyTargets(contacts: readonly Contact[], focused: string | undefined): Record<CallKey, string | undefined> {
  const targetOf = (key: CallKey) => {
    const fits = (stage: Contact["stage"]) => (contact: Contact) => contact.stage === stage && (contact.medium === "telephony" || key === "answer");
    const own = contacts.find(({ target }) => target === focused);
    if (own && STAGES[key].some((stage) => fits(stage)(own))) return own.target;
    for (const stage of STAGES[key]) {
      const found = contacts.find(fits(stage));
      if (found) return found.target;
    }
    return undefined;
  };
  return { answer: targetOf("answer"), hold: targetOf("hold"), drop: targetOf("drop"), keypad: targetOf("keypad") };
}
