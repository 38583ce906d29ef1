import { useEffect, useId, useState } from "react";
import type { Action } from "interaction-processor";

import { Button } from "../../kit/Button";
import { useDesk, useOffer, useTrial } from "../desk";
import { Failure } from "../Failure";
import { pressedBy } from "../keys/useKeys";
import type { KeyAct } from "../keys/keys";
import type { Contact } from "../logic/calls";
import { whyNot } from "../logic/reasons";
import type { ContactAction } from "../logic/reasons";
import { CallData } from "./CallData";
import styles from "./Calls.module.css";
import { Consult } from "./Consult";
import { Destination } from "./Destination";
import { Head } from "./Head";
import { Keypad } from "./Keypad";
import type { keyTargets } from "./keyTargets";

/** What is open in a card. */
type Open = "transfer" | "consult" | "conference" | "keypad" | undefined;

const ASKS = { transfer: "Transfer to", consult: "Consult with", conference: "Bring in" } as const;
const DOES = { transfer: "Transfer", consult: "Consult", conference: "Bring in" } as const;
const CAPABILITIES: Partial<Record<ContactAction, string>> = {
  transfer: "blind-transfer-supported", conference: "blind-conference-supported", consult: "consult-supported", keypad: "dtmf-supported",
};

interface CallCardProps {
  contact: Contact;
  keyFor: ReturnType<typeof keyTargets>;
}

/** A telephone call: who it is, and everything that can be done, always in the same places. */
export function CallCard({ contact, keyFor }: CallCardProps) {
  const { keys, contacts, capabilities } = useDesk();
  const isOffered = useOffer();
  const trial = useTrial();
  const [open, setOpen] = useState<Open>();
  const id = useId();
  const { interaction, primary, consult, stage } = contact;
  const line = primary ?? consult;
  const calls = contacts.filter((other) => other.stage !== "ended").length;

  const can = (action: Action) => [interaction, primary ?? consult].some((object) => object?.enabled.includes(action));
  const reason = (shown: ContactAction, ...actions: Action[]) => {
    if (trial.why !== undefined) return trial.why;
    if (actions.some(can)) return undefined;
    const capability = CAPABILITIES[shown];
    return whyNot(shown, contact, { calls, isOffered: capability === undefined || isOffered(capability) });
  };
  // A key is shown on the one button that it presses.
  const key = (act: KeyAct & keyof typeof keyFor, isHere = true) =>
    keyFor[act] === contact.target && isHere
      ? { ...pressedBy(act), hotkey: keys[act], title: calls > 1 ? `${keys[act]} acts on this call` : undefined }
      : {};
  const toggle = (what: Open) => setOpen(open === what ? undefined : what);
  useEffect(() => {
    // What a form was open for came true, or cannot any more.
    if (stage === "alerting" || (consult && open !== "keypad")) setOpen(undefined);
  }, [stage, consult !== undefined]);

  if (!line) return null;
  const isHeld = primary?.state === "HELD" && !consult;
  const isAlerting = stage === "alerting";
  const hold = isHeld ? "conversation.retrieve" : "conversation.hold";
  return (
    <article className={styles.card} data-stage={stage} aria-labelledby={id}>
      <Head contact={contact} id={id} />
      <CallData contact={contact} trial={trial} />
      {consult && <Consult contact={contact} trial={trial} keyFor={keyFor} />}
      <div className={styles.buttons} role="group" aria-label="What can be done with this call">
        <Button
          {...key("answer")}
          kind={isAlerting ? "primary" : "plain"}
          reason={reason("answer", "conversation.answer")}
          onClick={() => void trial.try("Answer", "conversation.answer", line.target)}
        >
          Answer
        </Button>
        <Button
          {...key("hold", !consult)}
          reason={reason("hold", hold)}
          onClick={() => void trial.try(isHeld ? "Retrieve" : "Hold", hold, line.target)}
        >
          {isHeld ? "Retrieve" : "Hold"}
        </Button>
        {isAlerting
          ? <Button {...key("drop")} kind="danger" reason={reason("reject", "interaction.reject")} onClick={() => void trial.try("Refuse", "interaction.reject", interaction.target)}>Refuse</Button>
          : <Button title={consult ? "Hangs up on the caller; the consultation goes on" : undefined} {...key("drop", !consult)} kind="danger" reason={reason("drop", "conversation.drop")} onClick={() => void trial.try("Hang up", "conversation.drop", line.target)}>Hang up</Button>}
        <Button {...key("keypad", !consult || primary?.state === "CONNECTED")} isPressed={open === "keypad"} reason={open === "keypad" ? undefined : reason("keypad", "conversation.dtmf")} onClick={() => toggle("keypad")}>Keypad</Button>
        {(["transfer", "consult", "conference"] as const).map((what) => (
          <Button key={what} isPressed={open === what} reason={open === what ? undefined : reason(what, what === "consult" ? "interaction.consult" : `conversation.${what}`)} onClick={() => toggle(what)}>
            {{ transfer: "Transfer", consult: "Consult", conference: "Conference" }[what]}
          </Button>
        ))}
        {capabilities?.["recording-supported"] && <Record contact={contact} reason={reason} onTry={(what, command) => void trial.try(what, command, interaction.target)} />}
      </div>
      {open === "keypad" && <Keypad target={line.target} onClose={() => setOpen(undefined)} />}
      {open !== undefined && open !== "keypad" && (
        <Destination
          label={ASKS[open]}
          submit={DOES[open]}
          why={trial.why}
          onClose={() => setOpen(undefined)}
          onChoose={async (destination) => {
            const done = open === "consult"
              ? await trial.try("Consult", "interaction.consult", interaction.target, { destination })
              : await trial.try(DOES[open], `conversation.${open}`, line.target, { destination });
            if (done) setOpen(undefined);
          }}
        />
      )}
      <Failure trial={trial} />
    </article>
  );
}

interface RecordProps {
  contact: Contact;
  reason: (shown: ContactAction, ...actions: Action[]) => string | undefined;
  onTry: (what: string, command: "interaction.request.recording.start" | "interaction.request.recording.stop") => void;
}

function Record({ contact: { interaction }, reason, onTry }: RecordProps) {
  const isRecording = interaction.enabled.includes("interaction.recording.stop");
  return (
    <Button
      isPressed={isRecording}
      reason={reason("record", "interaction.recording.start", "interaction.recording.stop")}
      onClick={() => (isRecording ? onTry("Stop recording", "interaction.request.recording.stop") : onTry("Record", "interaction.request.recording.start"))}
    >
      {isRecording ? "Recording" : "Record"}
    </Button>
  );
}
