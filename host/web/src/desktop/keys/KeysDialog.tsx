import { useState } from "react";
import type { KeyboardEvent } from "react";

import { Button } from "../../kit/Button";
import { Dialog } from "../../kit/Dialog";
import { KEY_ACTS, KEY_WORDS, USUAL_KEYS, actOf, withKey, writtenKey } from "./keys";
import type { KeyAct } from "./keys";
import styles from "./KeysDialog.module.css";
import { useKeyMap } from "./useKeys";

/** Which key does what, and the way to another. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const [keys, setKeys] = useKeyMap();
  const [asked, setAsked] = useState<KeyAct>();
  const [said, setSaid] = useState("");
  const pressed = (act: KeyAct) => (event: KeyboardEvent) => {
    if (asked !== act) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      return setAsked(undefined);
    }
    const written = writtenKey(event);
    if (written === undefined) return;
    event.preventDefault();
    const other = actOf(keys, written);
    setKeys(withKey(keys, act, written));
    setSaid(other !== undefined && other !== act ? `${written} was the key of “${KEY_WORDS[other]}”, which now has ${keys[act]}.` : `${KEY_WORDS[act]}: ${written}`);
    setAsked(undefined);
  };
  return (
    <Dialog
      title="Keys of the desktop"
      onClose={onClose}
      actions={(
        <>
          <Button onClick={() => (setKeys(USUAL_KEYS), setSaid("The usual keys are back."))}>The usual keys</Button>
          <Button kind="primary" onClick={onClose}>Done</Button>
        </>
      )}
    >
      <p>Choose an act, then press its new key. This browser remembers it.</p>
      <ul className={styles.keys}>
        {KEY_ACTS.map((act) => (
          <li key={act} className={styles.row}>
            <span>{KEY_WORDS[act]}</span>
            <Button
              isPressed={asked === act}
              aria-label={asked === act ? `Press the new key of ${KEY_WORDS[act]}` : `${KEY_WORDS[act]}: ${keys[act]}. Change it`}
              onClick={() => setAsked(asked === act ? undefined : act)}
              onKeyDown={pressed(act)}
              onBlur={() => setAsked(undefined)}
            >
              {asked === act ? "Press a key…" : keys[act]}
            </Button>
          </li>
        ))}
      </ul>
      <p role="status" className={styles.said}>{said}</p>
    </Dialog>
  );
}
