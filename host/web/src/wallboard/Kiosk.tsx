import { useSecond } from "../data/clock";

import { counted } from "../data/format";
import type { ReasonNames } from "../data/reasons";
import { TONES, TONE_WORDS } from "../data/states";
import { StateMark, ToneMark } from "../kit/StateMark";
import { Since } from "../kit/Time";
import { isLate, rows } from "./board";
import type { TeamSummary, Thresholds } from "./board";
import type { Sample } from "./history";
import { Side } from "./Side";
import { StackedBar } from "./StackedBar";
import type { Board } from "./useBoard";
import styles from "./Kiosk.module.css";

/** How long a team is shown before the next one. */
const PAGE_SECONDS = 12;

interface KioskProps {
  board: Board;
  teams: readonly TeamSummary[];
  reasons: ReasonNames;
  thresholds: Thresholds;
  history: readonly Sample[];
}

/** For a wall: big, without anything to press, one team after the other. */
export function Kiosk({ board, teams, reasons, thresholds, history }: KioskProps) {
  const now = useSecond();
  const team = teams[Math.floor(now / 1_000 / PAGE_SECONDS) % teams.length];
  if (!team) return null;
  const members = rows(board.teams, { teamId: team.teamId, tone: undefined, words: "" }, { column: "state", isDescending: false }, reasons);
  const there = members.filter(({ member }) => member.state !== "loggedout");
  return (
    <div className={styles.kiosk} data-stale={!board.isCurrent || undefined}>
      <section className={styles.team} aria-label={team.teamName}>
        <header className={styles.header}>
          <h1><bdi>{team.teamName}</bdi></h1>
          <ul className={styles.counts}>
            {TONES.map((tone) => <li key={tone} data-tone={tone} title={TONE_WORDS[tone]}><ToneMark tone={tone} /> {team.counts[tone]}</li>)}
          </ul>
        </header>
        <StackedBar counts={team.counts} />
        <ul className={styles.members}>
          {there.map(({ key, member }) => (
            <li key={key} className={styles.member}>
              <bdi className={styles.name}>{member.memberName}</bdi>
              <span className={styles.line}>
                <StateMark state={member.state} />
                <bdi className={styles.reason}>{reasons.of(member.reason)}</bdi>
                <Since at={member.since} isLate={isLate(member, thresholds, now)} />
              </span>
            </li>
          ))}
        </ul>
        {there.length < members.length && <p className={styles.out}>{counted(members.length - there.length, "member is", "members are")} logged out.</p>}
      </section>
      <Side board={board} thresholds={thresholds} history={history} />
    </div>
  );
}
