import { useState } from "react";
import type { Member } from "interaction-processor";

import { Button } from "../../kit/Button";
import { Empty, Loading } from "../../kit/Empty";
import { Field } from "../../kit/Field";
import { Panel } from "../../kit/Panel";
import { count, counted } from "../../data/format";
import { useDesk } from "../desk";
import { MemberRow } from "./MemberRow";
import styles from "./Team.module.css";
import { teamsOf } from "./teams";

/** How many are shown at first, and with each "more". */
const SHOWN = 60;

/** A supervisor's teams: who does what, and what can be done about it. */
export function Team() {
  const { roster, session } = useDesk();
  const [typed, setTyped] = useState("");
  const [most, setMost] = useState(SHOWN);
  if (!roster || roster.version === 0) return <Panel title="My team"><Loading label="The team is read" rows={5} /></Panel>;
  if (roster.ended) return <Panel title="My team"><Empty title="The team is not shown any more">{roster.ended.failure?.message ?? "The right to see it ended with the session."}</Empty></Panel>;
  const teams = teamsOf(roster, session.agentId, typed);
  const number = teams.reduce((sum, { members }) => sum + members.length, 0);
  let left = most;
  const shown = teams.map((team) => {
    const members = team.members.slice(0, left);
    left = Math.max(0, left - members.length);
    return { ...team, members };
  });
  return (
    <Panel title={teams.length === 1 && teams[0] ? <bdi>{teams[0].teamName}</bdi> : "My teams"} aside={<span>{counted(number, "member")}</span>}>
      <div className={styles.filter}>
        <Field label="Find a member" isLabelUnseen type="search" placeholder="Name, id or state" value={typed} onChange={({ target }) => setTyped(target.value)} />
      </div>
      {number === 0 && <Empty title={typed === "" ? "The team has no members" : "Nobody fits"}>{typed === "" ? "Your administrator puts agents into teams." : "Names, ids and states are looked through."}</Empty>}
      {shown.filter(({ members }) => members.length > 0).map(({ teamId, teamName, members }) => (
        <div key={teamId}>
          {teams.length > 1 && <h3 className={styles.team}><bdi>{teamName}</bdi></h3>}
          <ul className={styles.members}>
            {members.map((member: Member) => <MemberRow key={member.memberId} member={member} />)}
          </ul>
        </div>
      ))}
      {number > most && <div className={styles.filter}><Button onClick={() => setMost(most + SHOWN)}>Show more of {count(number)}</Button></div>}
    </Panel>
  );
}
