import { useState, useSyncExternalStore } from "react";

import { Button } from "../../kit/Button";
import { Panel } from "../../kit/Panel";
import { At } from "../../kit/Time";
import { useDesk } from "../desk";
import styles from "./Log.module.css";

const SHOWN = 4;

/** What others did, newest first: it stays, for whoever looks later. */
export function Log() {
  const { entries } = useDesk();
  const all = useSyncExternalStore(entries.subscribe, () => entries.all);
  const [isWhole, setWhole] = useState(false);
  const newest = all[0];
  const shown = isWhole ? all : all.slice(0, SHOWN);
  return (
    <Panel
      title="What others did"
      aside={all.length > SHOWN && (
        <Button kind="quiet" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>{isWhole ? "Fewer" : `All ${all.length}`}</Button>
      )}
    >
      <p className="unseen" role="status">{newest && `${newest.actor}: ${newest.text}`}</p>
      {all.length === 0
        ? <p className={styles.empty}>Nothing yet. What a supervisor, another tab, the phone or the platform does to your state and calls is noted here.</p>
        : (
          <ol className={styles.lines}>
            {shown.map(({ id, at, actor, text, tone }) => (
              <li key={id} className={styles.line} data-tone={tone}>
                <span className={styles.time}><At at={at} /></span>
                <span className={styles.text}><bdi className={styles.actor}>{actor}</bdi> <bdi>{text}</bdi></span>
              </li>
            ))}
          </ol>
        )}
    </Panel>
  );
}
