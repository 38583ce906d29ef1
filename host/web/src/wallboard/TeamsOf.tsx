import { useDeferredValue, useMemo, useState } from "react";
import { useSearchParams } from "wouter";

import { usePreference } from "../data/preferences";
import { useReasonNames } from "../data/reasons";
import type { Tone } from "../data/states";
import { TONES } from "../data/states";
import { Empty, Loading } from "../kit/Empty";
import { Panel } from "../kit/Panel";
import { COLUMNS, USUAL_THRESHOLDS, countPeople, rows, summaries } from "./board";
import type { Column, Selection, Sorting } from "./board";
import { Kiosk } from "./Kiosk";
import { MemberTable } from "./MemberTable";
import { Side } from "./Side";
import { Start } from "./Start";
import { TeamStrip } from "./TeamStrip";
import { Toolbar } from "./Toolbar";
import { useBoard } from "./useBoard";
import { useHistory } from "./history";
import styles from "./TeamsOf.module.css";

/** The teams and queues of one person, live. */
export function TeamsOf({ agentId, onLeave }: { agentId: string; onLeave: () => void }) {
  const board = useBoard(agentId);
  const reasons = useReasonNames();
  const [thresholds, setThresholds] = usePreference("wallboard.thresholds", USUAL_THRESHOLDS);
  const [search, setSearch] = useSearchParams();
  const [words, setWords] = useState(search.get("q") ?? "");
  const { selection, sorting, choose } = useAddress(search, setSearch);

  const teams = useMemo(() => summaries(board.teams), [board]);
  const counts = useMemo(() => countPeople(board.teams), [board]);
  const shownWords = useDeferredValue(words);
  const shown = useMemo(
    () => rows(board.teams, { ...selection, words: shownWords }, sorting, reasons),
    [board, selection, shownWords, sorting, reasons],
  );
  const history = useHistory(agentId, counts, board.isCurrent);

  if (board.refusal !== undefined) return <Start onLook={(agent) => setSearch({ agent })} problem={board.refusal} />;
  if (board.isLoading) return <Loading label={`The teams of ${agentId} are being read`} rows={12} />;
  if (board.teams.size === 0) {
    return (
      <Empty title={`${agentId} is in no team`} action={<button type="button" className={styles.link} onClick={onLeave}>Look at somebody else</button>}>
        Teams appear here as soon as an administrator puts {agentId} into one; nothing has to be done on this page.
      </Empty>
    );
  }
  if (search.has("kiosk")) {
    return <Kiosk board={board} teams={teams} reasons={reasons} thresholds={thresholds} history={history} />;
  }
  const team = teams.find(({ teamId }) => teamId === selection.teamId);
  return (
    <div className={styles.board} data-stale={!board.isCurrent || undefined}>
      <h1 className="unseen">Wallboard of {agentId}</h1>
      <TeamStrip agentId={agentId} teams={teams} total={counts} chosen={selection.teamId} onChoose={(teamId) => choose({ team: teamId })} onLeave={onLeave} />
      <Panel
        className={styles.members}
        title={team ? <bdi>{team.teamName}</bdi> : "Everybody"}
        aside={<Toolbar words={words} onWords={setWords} selection={selection} counts={team?.counts ?? counts} onTone={(tone) => choose({ state: tone })} thresholds={thresholds} onThresholds={setThresholds} />}
      >
        <MemberTable
          rows={shown}
          sorting={sorting}
          reasons={reasons}
          thresholds={thresholds}
          hasTeams={selection.teamId === undefined && teams.length > 1}
          onSort={(column) => choose(sortBy(sorting, column))}
          onAll={() => {
            setWords("");
            choose({ state: undefined, team: undefined });
          }}
        />
      </Panel>
      <Side board={board} thresholds={thresholds} history={history} />
    </div>
  );
}

type Choice = Partial<Record<"team" | "state" | "sort", string | undefined>>;

/** What is chosen stands in the address, so that it can be shared and survives a reload. */
function useAddress(search: URLSearchParams, setSearch: (next: URLSearchParams, options?: { replace: boolean }) => void) {
  const [team, state, sort] = [search.get("team"), search.get("state"), search.get("sort") ?? "-since"];
  const selection = useMemo<Omit<Selection, "words">>(() => ({
    teamId: team ?? undefined, tone: TONES.find((tone): tone is Tone => tone === state),
  }), [team, state]);
  const sorting = useMemo<Sorting>(() => {
    const column = COLUMNS.find((column) => column === sort.replace(/^-/, "")) ?? "since";
    return { column, isDescending: sort.startsWith("-") };
  }, [sort]);
  const choose = (choice: Choice) => {
    const next = new URLSearchParams(search);
    for (const [name, value] of Object.entries(choice)) {
      if (value === undefined) next.delete(name);
      else next.set(name, value);
    }
    setSearch(next, { replace: true });
  };
  return { selection, sorting, choose };
}

/** The same column again turns it around; durations begin with the longest. */
function sortBy(sorting: Sorting, column: Column): Choice {
  const isDescending = sorting.column === column ? !sorting.isDescending : column === "since";
  return { sort: `${isDescending ? "-" : ""}${column}` };
}
