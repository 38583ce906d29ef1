import { useState } from "react";

import { Button } from "../kit/Button";
import { Dialog } from "../kit/Dialog";
import { Field } from "../kit/Field";
import { USUAL_THRESHOLDS } from "./board";
import type { Thresholds } from "./board";
import styles from "./ThresholdsDialog.module.css";

const WORDS: Record<keyof Thresholds, string> = {
  notReady: "Not ready for longer than", wrapUp: "Wrap-up for longer than", ringing: "Ringing for longer than", waiting: "Waiting in a queue for longer than",
};
const NAMES = Object.keys(WORDS) as (keyof Thresholds)[];
/** A day. */
const SECONDS_MAX = 86_400;

/** When something needs attention; kept in this browser. */
export function ThresholdsDialog({ thresholds, onChange, onClose }: { thresholds: Thresholds; onChange: (thresholds: Thresholds) => void; onClose: () => void }) {
  const [texts, setTexts] = useState(() => Object.fromEntries(NAMES.map((name) => [name, asText(thresholds[name])])) as Record<keyof Thresholds, string>);
  const read = Object.fromEntries(NAMES.map((name) => [name, seconds(texts[name])])) as Record<keyof Thresholds, number | undefined>;
  const isWhole = NAMES.every((name) => read[name] !== undefined);
  const save = () => {
    onChange(read as Thresholds);
    onClose();
  };
  return (
    <Dialog
      title="What needs attention"
      onClose={onClose}
      actions={
        <>
          <Button onClick={() => setTexts(Object.fromEntries(NAMES.map((name) => [name, asText(USUAL_THRESHOLDS[name])])) as typeof texts)}>As usual</Button>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" onClick={save} reason={isWhole ? undefined : "Correct what is marked first"}>Save</Button>
        </>
      }
    >
      <p className={styles.hint}>Minutes and seconds, <code>m:ss</code>. <code>0:00</code> is never. Kept in this browser.</p>
      {NAMES.map((name) => (
        <Field
          key={name}
          label={WORDS[name]}
          value={texts[name]}
          inputMode="numeric"
          onChange={({ target }) => setTexts({ ...texts, [name]: target.value })}
          error={read[name] === undefined ? "Write minutes and seconds, such as 2:30, of a day at most" : undefined}
        />
      ))}
    </Dialog>
  );
}

function asText(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function seconds(text: string): number | undefined {
  const found = /^(\d{1,4})(?::([0-5]\d))?$/.exec(text.trim());
  if (!found) return undefined;
  const total = Number(found[1]) * 60 + Number(found[2] ?? 0);
  return total <= SECONDS_MAX ? total : undefined;
}
