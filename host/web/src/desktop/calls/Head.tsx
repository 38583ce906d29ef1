import { toneOf } from "../../data/states";
import { ToneMark } from "../../kit/StateMark";
import { Since } from "../../kit/Time";
import { HeldMark } from "./HeldMark";
import { nameOf } from "../logic/calls";
import type { Contact } from "../logic/calls";
import styles from "./Calls.module.css";

/** Who it is, what it does, and for how long. */
export function Head({ contact, id }: { contact: Contact; id: string }) {
  const { interaction, parties, data, since, medium } = contact;
  const [first, ...more] = parties;
  const isOutbound = interaction.object.direction === "outbound";
  const { word, tone } = stageWords(contact);
  return (
    <header className={styles.head}>
      <div className={styles.stage} data-tone={tone}>
        {contact.stage === "held" ? <HeldMark /> : <ToneMark tone={tone} />}
        <span>{word}</span>
        <span className={styles.direction}>{medium === "chat" ? "Chat" : medium === "email" ? "E-mail" : isOutbound ? "You called" : "Incoming"}</span>
        <span className={styles.timer}><Since at={since} /></span>
      </div>
      <h2 id={id} className={styles.who}>
        <bdi>{nameOf(contact)}</bdi>
        {first?.name && first.address && <bdi className={styles.address}>{first.address}</bdi>}
      </h2>
      {more.length > 0 && <p className={styles.more}>with {more.map(({ name, address }, at) => <span key={at}>{at > 0 && ", "}<bdi>{name || address}</bdi></span>)}</p>}
      {data["queue"] && <p className={styles.queue}>Queue <bdi>{data["queue"]}</bdi></p>}
    </header>
  );
}

function stageWords({ stage, interaction, medium }: Contact): { word: string; tone: ReturnType<typeof toneOf> } {
  switch (stage) {
    case "alerting":
      return { word: "Ringing", tone: "busy" };
    case "active":
      return { word: interaction.state === "DIALING" ? "Dialling" : medium === "telephony" ? "Talking" : "In progress", tone: "busy" };
    case "held":
      return { word: "On hold", tone: "busy" };
    case "ended":
      return { word: "Wrap-up", tone: "work" };
  }
}
