import { duration, exactTime, isoDuration } from "../data/format";
import { At } from "../kit/Time";
import { KindMark } from "./KindMark";
import { kindWord } from "./logic/steps";
import type { Step } from "./logic/steps";
import styles from "./StepTable.module.css";

/** What the picture refers to. */
export const TABLE_ID = "journey-steps";

/** The same steps as words: for who does not see the picture, for copying and for paper. */
export function StepTable({ steps, asOf }: { steps: readonly Step[]; asOf: number | undefined }) {
  return (
    <div className={styles.frame} role="region" aria-label="Steps of the call" tabIndex={0}>
      <table id={TABLE_ID} role="table" className={styles.table}>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">Began</th>
            <th role="columnheader" scope="col" className={styles.number}>Lasted</th>
            <th role="columnheader" scope="col">Kind</th>
            <th role="columnheader" scope="col">Device</th>
            <th role="columnheader" scope="col">What happened</th>
            <th role="columnheader" scope="col">Leg</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {steps.map((step, at) => (
            <tr role="row" key={`${step.key} ${at}`} data-running={step.isRunning || undefined}>
              <td role="cell" className={styles.tight}><At at={step.from} /></td>
              <td role="cell" className={styles.number}>
                <time dateTime={isoDuration(step.to - step.from)} title={ended(step)}>{duration(step.to - step.from)}</time>
                {step.isRunning && <span className={styles.note}> {asOf === undefined ? "so far" : <>as of <At at={asOf} /></>}</span>}
              </td>
              <td role="cell" className={`${styles.tight} ${styles.kind}`}><KindMark kind={step.kind} /> {kindWord(step.kind)}</td>
              <td role="cell" className={styles.device}><bdi>{step.device}</bdi></td>
              <td role="cell" className={styles.happened}>
                <bdi className={styles.what} data-verb={isVerb(step) || undefined}>{step.description}</bdi>
                {step.isPartial && <span className={styles.note}> (beginning or end not seen)</span>}
              </td>
              <td role="cell" className={styles.leg}><bdi>{step.call}</bdi></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Descriptions that begin with a word of the server's and not with a name. */
function isVerb({ activity }: Step): boolean {
  return !(activity === "trigger" || activity === "script" || activity === "queue" || activity === "other");
}

function ended(step: Step): string {
  return step.isRunning ? "it goes on" : `until ${exactTime(step.to)}`;
}
