import { useState } from "react";

import { count } from "../data/format";
import { toneOf, wordOf } from "../data/states";
import { ToneMark } from "../kit/StateMark";
import { Panel } from "../kit/Panel";
import { Since } from "../kit/Time";
import type { Concern } from "./board";
import styles from "./Attention.module.css";

/** What is shown before one asks for all. */
const FEW = 5;

/** What is over its threshold, the worst first. */
export function Attention({ concerns }: { concerns: readonly Concern[] }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? concerns : concerns.slice(0, FEW);
  return (
    <Panel title="Needs attention" aside={concerns.length > 0 ? count(concerns.length) : undefined}>
      {concerns.length === 0 && <p className={styles.none}>Nobody and no queue is over a threshold.</p>}
      <ul className={styles.list}>
        {shown.map((concern) => (
          <li key={concern.key} className={styles.concern}>
            {concern.kind === "member" ? (
              <>
                <ToneMark tone={toneOf(concern.member.state)} />
                <bdi className={styles.who} title={concern.member.memberName}>{concern.member.memberName}</bdi>
                <span className={styles.what}>{wordOf(concern.member.state)}</span>
              </>
            ) : (
              <>
                <span className={styles.queue} aria-hidden="true">≡</span>
                <bdi className={styles.who} title={concern.queue.queueName}>{concern.queue.queueName}</bdi>
                <span className={styles.what}>{concern.queue.waiting} waiting</span>
              </>
            )}
            <Since at={concern.since} isLate />
          </li>
        ))}
      </ul>
      {concerns.length > FEW && (
        <button type="button" className={styles.more} onClick={() => setWhole(!isWhole)}>
          {isWhole ? "Show fewer" : `and ${count(concerns.length - FEW)} more`}
        </button>
      )}
    </Panel>
  );
}

