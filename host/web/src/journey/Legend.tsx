import { useId } from "react";

import { ArrowLine } from "./ArrowLines";
import type { Arrow } from "./logic/arrows";
import { ARROW_WORDS } from "./logic/layout";
import type { Activity, Step } from "./logic/steps";
import bars from "./Bars.module.css";
import picture from "./TimelinePicture.module.css";
import styles from "./Legend.module.css";

const BARS: readonly [string, readonly Activity[]][] = [
  ["Trigger, script", ["trigger", "script"]], ["Waiting in a queue", ["queue"]], ["Ringing, dialling", ["ringing", "dialling"]],
  ["Talking", ["talking", "conference"]], ["Consult", ["consult"]], ["Hold", ["hold"]],
  ["Supervisor on the call", ["listening", "coaching", "barged"]], ["Wrap-up", ["work"]],
];
const ARROWS: readonly Arrow["kind"][] = ["consult", "dial", "transfer", "conference", "add"];

/** What bars and arrows mean: of those that are there. */
export function Legend({ steps, arrows }: { steps: readonly Step[]; arrows: readonly Arrow[] }) {
  const id = useId();
  const there = new Set(steps.map(({ activity }) => activity));
  const kinds = new Set(arrows.map(({ kind }) => kind));
  return (
    <ul className={styles.legend} aria-label="What the picture shows">
      {BARS.filter(([, activities]) => activities.some((one) => there.has(one))).map(([word, activities]) => (
        <li key={word} className={styles.entry}>
          <svg width="22" height="14" aria-hidden="true">
            {activities.includes("hold") && (
              <pattern id={id} width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect width="7" height="7" className={picture.holdGround} />
                <rect width="2" height="7" className={picture.holdLine} />
              </pattern>
            )}
            <rect className={bars.bar} data-activity={activities[0]} x="1" y="1" width="20" height="12" rx="2" fill={activities.includes("hold") ? `url(#${id})` : undefined} />
          </svg>
          {word}
        </li>
      ))}
      {ARROWS.filter((kind) => kinds.has(kind)).map((kind) => (
        <li key={kind} className={styles.entry}>
          <svg width="14" height="18" aria-hidden="true"><ArrowLine kind={kind} x={7} y1={1} y2={17} /></svg>
          {ARROW_WORDS[kind]}
        </li>
      ))}
    </ul>
  );
}
