import { useMemo } from "react";

import { useSecond } from "../data/clock";
import { Attention } from "./Attention";
import { concerns } from "./board";
import type { Thresholds } from "./board";
import type { Sample } from "./history";
import { QueueList } from "./QueueList";
import { StatesChart } from "./StatesChart";
import type { Board } from "./useBoard";
import styles from "./Side.module.css";

interface SideProps {
  board: Board;
  thresholds: Thresholds;
  history: readonly Sample[];
}

/** Beside the people: what needs attention, the queues, the last minutes. It alone is made anew for time passing. */
export function Side({ board, thresholds, history }: SideProps) {
  const now = useSecond();
  const queues = useMemo(() => [...board.queues.values()], [board]);
  const urgent = useMemo(() => concerns(board.teams, board.queues, thresholds, now), [board, thresholds, now]);
  return (
    <div className={styles.side}>
      <Attention concerns={urgent} />
      <QueueList queues={queues} isLoading={board.areQueuesLoading} thresholds={thresholds} now={now} />
      <StatesChart samples={history} />
    </div>
  );
}
