import type { Queue } from "interaction-processor";

import { Empty, Loading } from "../kit/Empty";
import { Panel } from "../kit/Panel";
import { Since } from "../kit/Time";
import { byName, isQueueLate } from "./board";
import type { Thresholds } from "./board";
import styles from "./QueueList.module.css";

/** The queues: where somebody waits longest stands first. */
export function QueueList({ queues, isLoading, thresholds, now }: { queues: readonly Queue[]; isLoading: boolean; thresholds: Thresholds; now: number }) {
  const ordered = [...queues].sort((one, other) =>
    (one.longestWaitSince ?? Infinity) - (other.longestWaitSince ?? Infinity) || byName.compare(one.queueName, other.queueName));
  const waiting = queues.reduce((sum, queue) => sum + queue.waiting, 0);
  const isPartial = queues.some(({ today }) => today.partial);
  return (
    <Panel title="Queues" aside={<span>{waiting.toLocaleString()} waiting</span>}>
      {isLoading ? <Loading label="The queues are being read" /> : queues.length === 0 ? <Empty title="No queues">The platform tells of no queue that these teams serve.</Empty> : (
        <div className={styles.scroller} tabIndex={0} role="group" aria-label="Queues">
          <table className={styles.table}>
            <thead>
              <tr><th scope="col">Queue</th><th scope="col">Waiting</th><th scope="col">Longest</th><th scope="col" title="Agents who are free now">Free</th><th scope="col" title={partly("Answered and abandoned today", isPartial)}>Today{isPartial && "*"}</th></tr>
            </thead>
            <tbody>
              {ordered.map((queue) => (
                <tr key={queue.queueId} data-late={isQueueLate(queue, thresholds, now) || undefined}>
                  <th scope="row" title={queue.queueName}><bdi>{queue.queueName}</bdi></th>
                  <td data-none={queue.waiting === 0 || undefined}>{queue.waiting.toLocaleString()}</td>
                  <td>{queue.longestWaitSince === undefined ? <span className={styles.none}>–</span> : <Since at={queue.longestWaitSince} isLate={isQueueLate(queue, thresholds, now)} />}</td>
                  <td>{queue.agents ? queue.agents.ready.toLocaleString() : <span className={styles.none} title="Nobody is known to take its contacts">–</span>}</td>
                  <td title={partly(`${queue.today.answered} answered, ${queue.today.abandoned} abandoned`, queue.today.partial)}>{queue.today.answered.toLocaleString()}<span className={styles.lost}> −{queue.today.abandoned.toLocaleString()}</span></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {isPartial && queues.length > 0 && <p className={styles.note}>* answered −abandoned, since the server began to watch: not the whole day.</p>}
    </Panel>
  );
}

function partly(text: string, isPartial: boolean | undefined): string {
  return isPartial ? `${text}; only a part of the day was seen` : text;
}
