import { memo } from "react";
import type { Queue } from "interaction-processor";

import { count } from "../data/format";
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
    <Panel title="Queues" aside={<span>{count(waiting)} waiting</span>}>
      {isLoading ? <Loading label="The queues are being read" /> : queues.length === 0 ? <Empty title="No queues">The platform tells of no queue that these teams serve.</Empty> : (
        <div className={styles.scroller} tabIndex={0} role="group" aria-label="Queues">
          <table className={styles.table}>
            <thead>
              <tr><th scope="col">Queue</th><th scope="col">Waiting</th><th scope="col">Longest</th><th scope="col" title="Agents who are free now">Free</th><th scope="col" title={partly("Answered and abandoned today", isPartial)}>Today{isPartial && "*"}</th></tr>
            </thead>
            <tbody>
              {ordered.map((queue) => <QueueRow key={queue.queueId} queue={queue} isLate={isQueueLate(queue, thresholds, now)} />)}
            </tbody>
          </table>
        </div>
      )}
      {isPartial && queues.length > 0 && <p className={styles.note}>* answered −abandoned, since the server began to watch: not the whole day.</p>}
    </Panel>
  );
}

/** A queue is another object when something about it changed, and only then. */
const QueueRow = memo(function QueueRow({ queue, isLate }: { queue: Queue; isLate: boolean }) {
  const { queueName, waiting, longestWaitSince, agents, today } = queue;
  return (
    <tr data-late={isLate || undefined}>
      <th scope="row" title={queueName}><bdi>{queueName}</bdi></th>
      <td data-none={waiting === 0 || undefined}>{count(waiting)}</td>
      <td>{longestWaitSince === undefined ? <span className={styles.none}>–</span> : <Since at={longestWaitSince} isLate={isLate} />}</td>
      <td>{agents ? count(agents.ready) : <span className={styles.none} title="Nobody is known to take its contacts">–</span>}</td>
      <td title={partly(`${today.answered} answered, ${today.abandoned} abandoned`, today.partial)}>
        {count(today.answered)}<span className={styles.lost}> −{count(today.abandoned)}</span>
      </td>
    </tr>
  );
});

function partly(text: string, isPartial: boolean | undefined): string {
  return isPartial ? `${text}; only a part of the day was seen` : text;
}
