import { useEffect, useRef, useState } from "react";
import type { KeyboardEvent } from "react";

import { Button } from "../../kit/Button";
import { useTrial } from "../desk";
import { Failure } from "../Failure";
import styles from "./Keypad.module.css";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/** The keys of a telephone; what was sent is shown once the platform has it. */
export function Keypad({ target, onClose }: { target: string; onClose: () => void }) {
  const trial = useTrial();
  const [sent, setSent] = useState("");
  const [waiting, setWaiting] = useState("");
  // One after the other: digits must not overtake each other.
  const last = useRef<Promise<unknown>>(Promise.resolve());
  const pad = useRef<HTMLDivElement>(null);
  useEffect(() => pad.current?.querySelector("button")?.focus(), []);
  const press = (digit: string) => {
    if (trial.why !== undefined) return;
    setWaiting((all) => all + digit);
    last.current = last.current.then(async () => {
      const isSent = await trial.try("Sending digits", "conversation.dtmf", target, { digits: digit });
      setWaiting((all) => all.slice(1));
      if (isSent) setSent((all) => (all + digit).slice(-24));
    });
  };
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") onClose();
    else if (KEYS.includes(event.key)) press(event.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section className={styles.keypad} aria-label="Keypad" onKeyDown={key}>
      <p className={styles.sent} role="status">
        {sent === "" && waiting === "" ? <span className={styles.hint}>Press or type the digits; Escape closes.</span> : <>Sent <strong className={styles.digits}>{sent}</strong><span className={styles.waiting}>{waiting}</span></>}
      </p>
      <div ref={pad} className={styles.keys}>
        {KEYS.map((digit) => <Button key={digit} reason={trial.why} aria-label={{ "*": "Star", "#": "Hash" }[digit] ?? digit} onClick={() => press(digit)}>{digit}</Button>)}
      </div>
      <Failure trial={trial} />
    </section>
  );
}
