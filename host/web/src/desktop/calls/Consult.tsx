import type { Action, Conversation } from "interaction-processor";

import { Button } from "../../kit/Button";
import { ToneMark } from "../../kit/StateMark";
import { Since } from "../../kit/Time";
import { useDesk, useOffer } from "../desk";
import type { Trial } from "../desk";
import { pressedBy } from "../keys/useKeys";
import { membersOf } from "../logic/calls";
import type { Contact, Party } from "../logic/calls";
import { whyNotConsult } from "../logic/reasons";
import type { ConsultAction } from "../logic/reasons";
import styles from "./Calls.module.css";
import { HeldMark } from "./HeldMark";
import type { keyTargets } from "./keyTargets";

const WORDS: Record<string, string> = { CONNECTED: "Talking", HELD: "On hold", DIALING: "Dialling", ALERTING: "Ringing" };

interface ConsultProps {
  contact: Contact;
  trial: Trial;
  keyFor: ReturnType<typeof keyTargets>;
}

/** A consultation: both conversations, and what brings them together. */
export function Consult({ contact, trial, keyFor }: ConsultProps) {
  const { keys } = useDesk();
  const isOffered = useOffer();
  const { interaction, primary, consult, parties, target } = contact;
  if (!consult) return null;
  const reason = (shown: ConsultAction, action: Action, capability: string) => {
    if (trial.why !== undefined) return trial.why;
    if (interaction.enabled.includes(action) || consult.enabled.includes(action)) return undefined;
    return whyNotConsult(shown, consult, isOffered(capability));
  };
  const key = (act: "hold" | "drop") => (keyFor[act] === target ? { ...pressedBy(act), hotkey: keys[act] } : {});
  const [asked = { name: "", address: "" }] = membersOf(consult);
  return (
    <section className={styles.consult} aria-label="Consultation">
      <ul className={styles.lines}>
        {primary && <Line label="Caller" line={primary} party={parties[0]} isFocused={interaction.focus === primary.object.id} />}
        <Line label="Consulted" line={consult} party={asked} isFocused={interaction.focus === consult.object.id} />
      </ul>
      <div className={styles.pair} role="group" aria-label="What can be done with the consultation">
        <Button {...key("hold")} reason={reason("alternate", "interaction.alternate", "alternate-supported")} onClick={() => void trial.try("Alternate", "interaction.alternate", interaction.target)}>Alternate</Button>
        <Button {...key("drop")} kind="danger" reason={reason("drop", "conversation.drop", "telephony-supported")} onClick={() => void trial.try("Drop consult", "conversation.drop", consult.target)}>Drop consult</Button>
        <Button kind="primary" reason={reason("complete", "interaction.consulttransfer", "consult-supported")} onClick={() => void trial.try("Complete transfer", "interaction.consulttransfer", interaction.target)}>Complete transfer</Button>
        <Button reason={reason("join", "interaction.consultconference", "consult-supported")} onClick={() => void trial.try("Make conference", "interaction.consultconference", interaction.target)}>Make conference</Button>
      </div>
    </section>
  );
}

function Line({ label, line, party, isFocused }: { label: string; line: Conversation; party: Party | undefined; isFocused: boolean }) {
  const isHeld = line.state === "HELD";
  return (
    <li className={styles.line} data-focused={isFocused || undefined} data-tone={isHeld ? "plain" : "busy"}>
      {isHeld ? <HeldMark /> : <ToneMark tone="busy" />}
      <span className={styles.lineWho}>
        <span className={styles.lineLabel}>{label}</span>
        <bdi>{party?.name || party?.address || "Unknown"}</bdi>
      </span>
      <span className={styles.lineState}>{WORDS[line.state ?? ""] ?? line.state}{line.since !== undefined && <> <Since at={line.since} /></>}</span>
    </li>
  );
}
