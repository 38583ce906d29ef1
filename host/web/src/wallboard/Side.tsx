import type { Queue } from "interaction-processor";

import { Attention } from "./Attention";
import type { Concern, Thresholds } from "./board";
import type { Sample } from "./history";
import { QueueList } from "./QueueList";
import { StatesChart } from "./StatesChart";
import styles from "./Side.module.css";

interface SideProps {
  urgent: readonly Concern[];
  queues: readonly Queue[];
  areQueuesLoading: boolean;
  thresholds: Thresholds;
  now: number;
  history: readonly Sample[];
}

/** Beside the people: what needs attention, the queues, the last minutes. */
export function Side({ urgent, queues, areQueuesLoading, thresholds, now, history }: SideProps) {
  return (
    <div className={styles.side}>
      <Attention concerns={urgent} />
      <QueueList queues={queues} isLoading={areQueuesLoading} thresholds={thresholds} now={now} />
      <StatesChart samples={history} />
    </div>
  );
}
