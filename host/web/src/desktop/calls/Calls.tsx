import { useEffect, useState } from "react";
import type { AvailabilityWord } from "interaction-processor";

import { Panel } from "../../kit/Panel";
import { useDesk } from "../desk";
import { mainChannel } from "../logic/availability";
import { nameOf } from "../logic/calls";
import { CallCard } from "./CallCard";
import styles from "./Calls.module.css";
import { keyTargets } from "./keyTargets";
import { WrittenCard } from "./WrittenCard";
import { WrapUp } from "./WrapUp";

/** Why there is no call to see, and what brings one. */
const NONE: Record<AvailabilityWord, string> = {
  READY: "No call. The next one rings here; its number and queue are shown before you answer.",
  NOT_READY: "No call. While you are not ready none is offered to you.",
  ACW: "No call. The next one comes when wrap-up is over and you are ready.",
  BUSY: "You are on a call of which this server has not heard yet: it began before the server did. It appears here as soon as something happens on it; until then use the phone.",
};

/** Every contact: what rings first. */
export function Calls() {
  const { contacts, keys, session } = useDesk();
  const [focused, setFocused] = useState<string>();
  const targets = keyTargets(contacts, focused);
  const ringing = contacts.filter(({ stage }) => stage === "alerting");
  const [first] = ringing;
  const call = first && [nameOf(first), first.data["queue"]].filter(Boolean).join(", ");
  const alert = first && `${first.medium === "telephony" ? "Call from" : first.medium === "chat" ? "Chat from" : "E-mail from"} ${call}. Answer with ${keys.answer}.`;

  // A tab that is not looked at says so, too.
  useEffect(() => {
    if (call === undefined) return undefined;
    const usual = document.title;
    document.title = `☎ ${call} · Desktop`;
    return () => {
      document.title = usual;
    };
  }, [call]);

  return (
    <div className={styles.calls}>
      <p className="unseen" role="alert">{alert}</p>
      {contacts.map((contact) => (
        <div
          key={contact.target}
          onFocus={() => setFocused(contact.target)}
          onBlur={({ currentTarget, relatedTarget }) => currentTarget.contains(relatedTarget) || setFocused(undefined)}
        >
          {contact.stage === "ended" ? <WrapUp contact={contact} />
            : contact.medium === "telephony" ? <CallCard contact={contact} keyFor={targets} />
            : <WrittenCard contact={contact} keyFor={targets} />}
        </div>
      ))}
      {contacts.length === 0 && (
        <Panel title="Calls">
          <p className={styles.none}>
            {NONE[mainChannel(session)?.availability?.state ?? "NOT_READY"]}
          </p>
        </Panel>
      )}
    </div>
  );
}
