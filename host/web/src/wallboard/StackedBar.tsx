import { TONES, TONE_WORDS } from "../data/states";
import type { Counts } from "../data/states";
import styles from "./StackedBar.module.css";

/** Counts by state as one bar. The numbers stand beside it. */
export function StackedBar({ counts }: { counts: Counts }) {
  return (
    <span className={styles.bar} aria-hidden="true">
      {TONES.filter((tone) => counts[tone] > 0).map((tone) => (
        <span key={tone} data-tone={tone} title={`${TONE_WORDS[tone]}: ${counts[tone]}`} style={{ flexGrow: counts[tone] }} />
      ))}
    </span>
  );
}
