import { memo } from "react";

import { count, counted } from "../data/format";
import { TONES, TONE_WORDS } from "../data/states";
import type { Counts } from "../data/states";
import { Button } from "../kit/Button";
import { ToneMark } from "../kit/StateMark";
import { Since } from "../kit/Time";
import { StackedBar } from "./StackedBar";
import type { TeamSummary } from "./board";
import styles from "./TeamStrip.module.css";

interface TeamStripProps {
  agentId: string;
  teams: readonly TeamSummary[];
  total: Counts;
  chosen: string | undefined;
  onChoose: (teamId: string | undefined) => void;
  /** Looks at somebody else's teams. */
  onLeave: () => void;
}

/** The teams, each with what its people do; one can be chosen. */
export function TeamStrip({ agentId, teams, total, chosen, onChoose, onLeave }: TeamStripProps) {
  const size = TONES.reduce((sum, tone) => sum + total[tone], 0);
  return (
    <nav className={styles.strip} aria-label="Teams">
      <div className={styles.of}>
        <span className={styles.whose}>Teams of <bdi>{agentId}</bdi></span>
        <Button kind="quiet" onClick={onLeave} title="Look at somebody else’s teams">Change</Button>
      </div>
      <TeamButton name="Everybody" size={size} {...total} isChosen={chosen === undefined} worstSince={undefined} onChoose={() => onChoose(undefined)} />
      {teams.map(({ teamId, teamName, size, counts, worstSince }) => (
        <TeamButton
          key={teamId}
          name={teamName}
          size={size}
          {...counts}
          worstSince={worstSince}
          isChosen={chosen === teamId}
          onChoose={() => onChoose(chosen === teamId ? undefined : teamId)}
        />
      ))}
    </nav>
  );
}

interface TeamButtonProps extends Counts {
  name: string;
  size: number;
  worstSince: number | undefined;
  isChosen: boolean;
  onChoose: () => void;
}

/** Rendered anew where one of its numbers changed: most of many teams do not, most of the time. */
const TeamButton = memo(function TeamButton({ name, size, worstSince, isChosen, onChoose, ...counts }: TeamButtonProps) {
  return (
    <button type="button" className={styles.team} aria-pressed={isChosen} onClick={onChoose}>
      <span className={styles.head}>
        <bdi className={styles.name} title={name}>{name}</bdi>
        {worstSince !== undefined && <span className={styles.worst}><span className="unseen">longest not ready </span><Since at={worstSince} /></span>}
      </span>
      <StackedBar counts={counts} />
      <span className={styles.counts}>
        {TONES.filter((tone) => tone !== "out" || counts.out > 0).map((tone) => (
          <span key={tone} className={styles.count} data-none={counts[tone] === 0 || undefined} title={TONE_WORDS[tone]}>
            <ToneMark tone={tone} /> {count(counts[tone])}<span className="unseen"> {TONE_WORDS[tone]}, </span>
          </span>
        ))}
        <span className="unseen">of {counted(size, "member")}</span>
      </span>
    </button>
  );
}, (before, after) => (Object.keys(after) as (keyof TeamButtonProps)[]).every((name) => name === "onChoose" || before[name] === after[name]));
