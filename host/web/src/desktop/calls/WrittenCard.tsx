import { useId } from "react";

import { Button } from "../../kit/Button";
import { useDesk, useTrial } from "../desk";
import { Failure } from "../Failure";
import { pressedBy } from "../keys/useKeys";
import type { Contact } from "../logic/calls";
import { CallData } from "./CallData";
import styles from "./Calls.module.css";
import { Head } from "./Head";
import type { keyTargets } from "./keyTargets";

/** A chat or an e-mail: it is accepted, refused and completed; its text is in the platform's own window. */
export function WrittenCard({ contact, keyFor }: { contact: Contact; keyFor: ReturnType<typeof keyTargets> }) {
  const { keys } = useDesk();
  const trial = useTrial();
  const id = useId();
  const { interaction, stage, target } = contact;
  const may = (action: "interaction.accept" | "interaction.reject" | "interaction.complete", otherwise: string) =>
    trial.why ?? (interaction.enabled.includes(action) ? undefined : otherwise);
  const key = keyFor.answer === target ? { ...pressedBy("answer"), hotkey: keys.answer } : {};
  return (
    <article className={styles.card} data-stage={stage} aria-labelledby={id}>
      <Head contact={contact} id={id} />
      <CallData contact={contact} trial={trial} />
      <div className={styles.pair} role="group" aria-label="What can be done with this contact">
        <Button {...key} kind={stage === "alerting" ? "primary" : "plain"} reason={may("interaction.accept", "You have it already")} onClick={() => void trial.try("Accept", "interaction.accept", target)}>Accept</Button>
        <Button kind="danger" reason={may("interaction.reject", "You have it already: complete it")} onClick={() => void trial.try("Refuse", "interaction.reject", target)}>Refuse</Button>
      </div>
      {stage !== "alerting" && (
        <div className={styles.pair}>
          <Button kind="primary" reason={may("interaction.complete", "Not in its present state")} onClick={() => void trial.try("Complete", "interaction.complete", target)}>Complete</Button>
        </div>
      )}
      <Failure trial={trial} />
    </article>
  );
}
