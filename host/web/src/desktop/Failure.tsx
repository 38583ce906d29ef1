import { Button } from "../kit/Button";
import { Until, useIsPast } from "../kit/Time";
import type { Trial } from "./desk";
import { wordsOf } from "./logic/problem";
import styles from "./Failure.module.css";

/** What failed, there where it was tried, until it is done or put away. */
export function Failure({ trial: { failed, dismiss } }: { trial: Trial }) {
  const isWaitOver = useIsPast(failed?.problem.retryAt);
  if (!failed) return null;
  const { what, problem } = failed;
  return (
    <div className={styles.failure} role="alert" data-tone="alarm">
      <p className={styles.text}>
        <strong>{what} failed.</strong> <bdi>{wordsOf(problem)}</bdi>
        {problem.retryAt !== undefined && !isWaitOver && <> Try again in <Until at={problem.retryAt} />.</>}
        {" "}<code className={styles.code}>{problem.code}</code>
      </p>
      <Button kind="quiet" onClick={dismiss} aria-label="Put the message away">✕</Button>
    </div>
  );
}
