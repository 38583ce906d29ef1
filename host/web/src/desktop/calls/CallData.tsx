import { useId, useState } from "react";

import { At } from "../../kit/Time";
import { Button } from "../../kit/Button";
import { Field } from "../../kit/Field";
import { useDesk } from "../desk";
import type { Trial } from "../desk";
import type { Contact } from "../logic/calls";
import styles from "./Calls.module.css";

/** What is shown at once, beside who and queue; the rest stands under the details. */
const MATTERS = ["enteredDigits", "dnis"];
const WORDS: Record<string, string> = { ani: "Calling number", dnis: "Called", queue: "Queue", enteredDigits: "Entered", wrapup: "Wrap-up" };
const VARIABLES = Array.from({ length: 10 }, (_, at) => `callVariable${at + 1}`);
const VARIABLES_SHOWN = 3;

function wordOf(key: string): string {
  return WORDS[key] ?? key.replace(/^callVariable(\d+)$/, "Variable $1");
}

/** What is known of a contact: what matters at once, everything on demand. */
export function CallData({ contact, trial }: { contact: Contact; trial: Trial }) {
  const { data, interaction } = contact;
  const isOutbound = interaction.object.direction === "outbound";
  const variables = VARIABLES.filter((key) => data[key]).slice(0, VARIABLES_SHOWN);
  const shown = [...MATTERS.filter((key) => data[key] && !(key === "dnis" && isOutbound)), ...variables];
  const all = Object.entries(data).filter(([, value]) => value !== "");
  return (
    <div className={styles.data}>
      {shown.length > 0 && <Pairs pairs={shown.map((key) => [key, data[key] ?? ""])} />}
      <details className={styles.details}>
        <summary>Details</summary>
        <Pairs pairs={all} />
        <dl className={styles.pairs}>
          <dt>Began</dt><dd><At at={interaction.object.since} /></dd>
          <dt>Call id</dt><dd><bdi>{interaction.object.callId}</bdi></dd>
        </dl>
        {interaction.enabled.includes("interaction.updatedata") && <Edit contact={contact} trial={trial} />}
      </details>
    </div>
  );
}

function Pairs({ pairs }: { pairs: readonly (readonly [string, string])[] }) {
  const { session } = useDesk();
  const valueOf = (key: string, value: string) => (key === "wrapup" ? session.wrapUpCodes.find(({ code }) => code === value)?.name ?? value : value);
  if (pairs.length === 0) return null;
  return (
    <dl className={styles.pairs}>
      {pairs.map(([key, value]) => (
        <div key={key} className={styles.datum}><dt><bdi>{wordOf(key)}</bdi></dt><dd><bdi>{valueOf(key, value)}</bdi></dd></div>
      ))}
    </dl>
  );
}

/** Sets a call variable; an empty one is removed. */
function Edit({ contact: { target, data }, trial }: { contact: Contact; trial: Trial }) {
  const [key, setKey] = useState(VARIABLES[0] as string);
  const [typed, setTyped] = useState<string>();
  const id = useId();
  const value = typed ?? data[key] ?? "";
  const isSame = value === (data[key] ?? "");
  const save = async () => {
    if (await trial.try("Saving", "interaction.request.updatedata", target, { [key]: value === "" ? null : value })) setTyped(undefined);
  };
  return (
    <form
      className={styles.edit}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSame && trial.why === undefined) void save();
      }}
    >
      <label htmlFor={id} className="unseen">Which variable</label>
      <select
        id={id}
        className={styles.select}
        value={key}
        onChange={({ target }) => {
          setKey(target.value);
          setTyped(undefined);
        }}
      >
        {VARIABLES.map((name) => <option key={name} value={name}>{wordOf(name)}</option>)}
      </select>
      <Field label={wordOf(key)} isLabelUnseen value={value} maxLength={210} onChange={({ target }) => setTyped(target.value)} />
      <Button type="submit" reason={trial.why ?? (isSame ? "Nothing is changed" : undefined)}>Save</Button>
    </form>
  );
}
