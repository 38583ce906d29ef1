import { useEffect, useId, useRef, useState } from "react";
import type { KeyboardEvent } from "react";

import { Button } from "../../kit/Button";
import { Field } from "../../kit/Field";
import { useDesk, useTrial } from "../desk";
import { Failure } from "../Failure";
import { endOf } from "../logic/calls";
import type { Contact } from "../logic/calls";
import { CallData } from "./CallData";
import styles from "./Calls.module.css";
import { Head } from "./Head";
import { useFinish } from "./wrapUps";

/** What came of a contact: one of the platform's codes, or words where it has none. */
export function WrapUp({ contact }: { contact: Contact }) {
  const { session } = useDesk();
  const trial = useTrial();
  const id = useId();
  const { interaction, target, data } = contact;
  const [choice, setChoice] = useState(data["wrapup"] ?? "");
  const codes = session.wrapUpCodes;
  const chosen = codes.find(({ code, name }) => choice !== "" && (code === choice || name === choice));
  const form = useRef<HTMLFormElement>(null);

  const finish = async () => {
    const disposition = chosen?.code ?? choice.trim();
    return trial.try("Wrap-up", "interaction.complete", target, disposition === "" ? {} : { disposition });
  };
  useFinish(target, choice === "" || !interaction.enabled.includes("interaction.complete") ? undefined : finish);
  useEffect(() => {
    // The buttons of the call are gone: who used the keyboard goes on here.
    const at = document.activeElement;
    if (at === null || at === document.body) form.current?.querySelector<HTMLElement>("input")?.focus();
  }, []);

  const key = (event: KeyboardEvent) => {
    const code = /^[1-9]$/.test(event.key) && event.target instanceof HTMLInputElement && event.target.type === "radio" ? codes[Number(event.key) - 1] : undefined;
    if (code) setChoice(code.code ?? "");
    else if (event.key === "Enter" && event.target instanceof HTMLInputElement) void finish();
    else return;
    event.preventDefault();
  };
  const reason = trial.why ?? (interaction.enabled.includes("interaction.complete") ? undefined : "Not in its present state");
  return (
    <article className={styles.card} data-stage="ended" aria-labelledby={id}>
      <Head contact={contact} id={id} />
      <p className={styles.end}>{endOf(interaction.ended ?? {}, interaction.object.direction === "outbound")}.</p>
      <CallData contact={contact} trial={trial} />
      <form
        ref={form}
        className={styles.wrapUp}
        onKeyDown={key}
        onSubmit={(event) => {
          event.preventDefault();
          void finish();
        }}
      >
        {codes.length > 0
          ? (
            <fieldset className={styles.codes}>
              <legend>What came of it</legend>
              {codes.map(({ code = "", name }, at) => (
                <label key={code} className={styles.code}>
                  <input type="radio" name={id} value={code} checked={chosen?.code === code} onChange={() => setChoice(code)} />
                  <bdi>{name || code}</bdi>
                  {at < 9 && <kbd aria-hidden="true">{at + 1}</kbd>}
                </label>
              ))}
            </fieldset>
          )
          : <Field label="What came of it" value={choice} maxLength={200} onChange={({ target }) => setChoice(target.value)} />}
        <Button kind="primary" type="submit" reason={reason}>{choice === "" ? "Finish without a code" : "Finish"}</Button>
        <p className={styles.hint}>{codes.length > 0 ? "A digit chooses, Enter finishes." : "Enter finishes."} Changing your state keeps what is chosen, and finishes.</p>
      </form>
      <Failure trial={trial} />
    </article>
  );
}
