import type { MemberState } from "interaction-processor";

import { toneOf, wordOf } from "../data/states";
import type { Tone } from "../data/states";
import styles from "./StateMark.module.css";

/** A shape for each tone, so that colour is not needed to tell them apart. */
const SHAPES: Record<Tone, React.ReactNode> = {
  ready: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  busy: <rect x="1.5" y="1.5" width="9" height="9" rx="1" fill="currentColor" />,
  work: (
    <>
      <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M6 1.75a4.25 4.25 0 0 0 0 8.5z" fill="currentColor" />
    </>
  ),
  away: <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.75" />,
  out: <path d="M2 6h8" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />,
};

/** The mark of a tone alone, where the word stands elsewhere. */
export function ToneMark({ tone }: { tone: Tone }) {
  return (
    <svg className={styles.mark} data-tone={tone} viewBox="0 0 12 12" aria-hidden="true">
      {SHAPES[tone]}
    </svg>
  );
}

/** What somebody does: mark and word. */
export function StateMark({ state }: { state: MemberState }) {
  const tone = toneOf(state);
  return (
    <span className={styles.state} data-tone={tone}>
      <ToneMark tone={tone} />
      {wordOf(state)}
    </span>
  );
}
