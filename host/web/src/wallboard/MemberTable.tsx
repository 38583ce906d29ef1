import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useRef } from "react";
import type { Member } from "interaction-processor";

import { useSecond } from "../data/clock";
import { counted } from "../data/format";
import type { ReasonNames } from "../data/reasons";
import { ROLES } from "../data/states";
import { Empty } from "../kit/Empty";
import { StateMark } from "../kit/StateMark";
import { Since } from "../kit/Time";
import { isLate } from "./board";
import type { Column, Row, Sorting, Thresholds } from "./board";
import styles from "./MemberTable.module.css";

const HEADS: Record<Column, string> = {
  state: "State", name: "Name", reason: "Reason", since: "For", team: "Team", id: "Id",
};
const ROW_PX = 32;
/** Rows beyond the edges, so that scrolling finds them there. */
const OVERSCAN = 12;

interface MemberTableProps {
  rows: readonly Row[];
  sorting: Sorting;
  reasons: ReasonNames;
  thresholds: Thresholds;
  hasTeams: boolean;
  onSort: (column: Column) => void;
  /** Shows everybody again. */
  onAll: () => void;
}

/** The members: sortable, however many; what is out of sight costs nothing. */
export function MemberTable({ rows, sorting, reasons, thresholds, hasTeams, onSort, onAll }: MemberTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  const columns = (Object.keys(HEADS) as Column[]).filter((column) => hasTeams || column !== "team");
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      role="table"
      aria-label={counted(rows.length, "member")}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      tabIndex={0}
      data-teams={hasTeams || undefined}
    >
      <div role="rowgroup" className={styles.head}>
        <div role="row" aria-rowindex={1} className={styles.row}>
          {columns.map((column) => {
            const isSorted = sorting.column === column;
            return (
              <div key={column} role="columnheader" className={styles[column]} aria-sort={isSorted ? (sorting.isDescending ? "descending" : "ascending") : "none"}>
                <button type="button" className={styles.sort} onClick={() => onSort(column)}>
                  {HEADS[column]}<span aria-hidden="true" className={styles.arrow}>{isSorted ? (sorting.isDescending ? "▼" : "▲") : ""}</span>
                </button>
              </div>
            );
          })}
        </div>
      </div>
      {rows.length === 0 && (
        <div role="row"><div role="cell" aria-colspan={columns.length}>
          <Empty title="Nobody matches" action={<button type="button" className={styles.all} onClick={onAll}>Show everybody</button>}>
            No member has what the filter, the state and the team ask for together.
          </Empty>
        </div></div>
      )}
      <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          return row && (
            <MemberRow key={row.key} member={row.member} teamName={hasTeams ? row.teamName : undefined} reasons={reasons} thresholds={thresholds} index={index} start={start} />
          );
        })}
      </div>
    </div>
  );
}

interface MemberRowProps {
  member: Member;
  teamName: string | undefined;
  reasons: ReasonNames;
  thresholds: Thresholds;
  index: number;
  start: number;
}

/** A member is a new object when something about it changed, and only then. */
const MemberRow = memo(function MemberRow({ member, teamName, reasons, thresholds, index, start }: MemberRowProps) {
  const { memberName, memberId, memberType, state, reason, since } = member;
  const why = reasons.of(reason);
  return (
    <div role="row" aria-rowindex={index + 2} className={styles.row} data-odd={index % 2 === 1 || undefined} style={{ transform: `translateY(${start}px)` }}>
      <div role="cell" className={styles.state}><StateMark state={state} /></div>
      <div role="cell" className={styles.name} title={memberName}>
        <bdi className={styles.text}>{memberName}</bdi>
        {memberType !== "Agent" && <abbr className={styles.role} title={ROLES[memberType].word}>{ROLES[memberType].short}</abbr>}
      </div>
      <div role="cell" className={styles.reason} title={why === "" ? undefined : `${why} (code ${reason})`}><bdi className={styles.text}>{why}</bdi></div>
      <div role="cell" className={styles.since}><Lasting state={state} since={since} thresholds={thresholds} /></div>
      {teamName !== undefined && <div role="cell" className={styles.team} title={teamName}><bdi className={styles.text}>{teamName}</bdi></div>}
      <div role="cell" className={styles.id}><bdi>{memberId}</bdi></div>
    </div>
  );
});

/** Ticks alone, and turns red when it is too long. */
function Lasting({ state, since, thresholds }: { state: Member["state"]; since: number; thresholds: Thresholds }) {
  return <Since at={since} isLate={isLate({ state, since }, thresholds, useSecond())} />;
}
