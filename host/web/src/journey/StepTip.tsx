import { duration, exactTime, spokenDuration } from "../data/format";
import { BAR_PX, rowY } from "./logic/layout";
import type { Layout } from "./logic/layout";
import type { Placed } from "./logic/lanes";
import { isMoment, kindWord } from "./logic/steps";
import type { Step } from "./logic/steps";
import styles from "./StepTip.module.css";

const TIP_PX = 300;

interface StepTipProps {
  step: Step | undefined;
  placed: Placed | undefined;
  laid: Layout;
  left: number;
}

/** Everything about one step, with its exact times: beside the bar that is pointed at, or was chosen by keys. */
export function StepTip({ step, placed, laid, left }: StepTipProps) {
  const y = placed ? rowY(laid, placed) : 0;
  // Below the bar, or above it where there is more room.
  const isAbove = y > laid.height / 2;
  const x = Math.max(4, Math.min(Math.max(left, laid.left), laid.width - TIP_PX - 4));
  return (
    <div role="status" className={styles.place} style={{ translate: isAbove ? `${x}px calc(${y - 6}px - 100%)` : `${x}px ${y + BAR_PX + 6}px` }}>
      {step && (
        <div className={styles.tip}>
          <p className={styles.what}><bdi>{step.description}</bdi></p>
          <p>{kindWord(step.kind)} <bdi>{step.device}</bdi></p>
          <p>
            {exactTime(step.from)}
            {!isMoment(step) && (step.isRunning ? ", goes on" : ` to ${new Date(step.to).toLocaleTimeString()}`)}
          </p>
          {!isMoment(step) && <p><span aria-hidden="true">{duration(step.to - step.from)}</span><span className="unseen">{spokenDuration(step.to - step.from)}</span>{step.isRunning && " so far"}</p>}
          {step.isPartial && <p>Its beginning or end was not seen.</p>}
        </div>
      )}
    </div>
  );
}
