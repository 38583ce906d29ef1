import type { Member, SessionCommands } from "interaction-processor";

import { Menu } from "../../kit/Menu";
import { StateMark } from "../../kit/StateMark";
import { Since } from "../../kit/Time";
import { ROLES } from "../../data/states";
import { useDesk, useTrial } from "../desk";
import { Failure } from "../Failure";
import { reasonName } from "../logic/availability";
import styles from "./Team.module.css";

type Act = Extract<keyof SessionCommands, `session.request.supervise.${string}`>;

const ACTS: readonly { act: Act; label: string }[] = [
  { act: "session.request.supervise.ready", label: "Make ready" },
  { act: "session.request.supervise.notready", label: "Make not ready" },
  { act: "session.request.supervise.logout", label: "Log out" },
  { act: "session.request.supervise.listen", label: "Listen in" },
  { act: "session.request.supervise.coach", label: "Coach" },
  { act: "session.request.supervise.barge", label: "Barge in" },
  { act: "session.request.supervise.takeover", label: "Take the call over" },
];

/** Somebody in the team, and what a supervisor can do. */
export function MemberRow({ member }: { member: Member }) {
  const { session } = useDesk();
  const trial = useTrial();
  const { memberId, memberName, memberType, state, since } = member;
  const reason = reasonName(member.reason, [...session.notReadyReasons, ...session.logoutReasons]);
  const items = ACTS.map(({ act, label }) => ({
    key: act,
    label,
    reason: session.can(act.replace("request.", "") as never) ? whyNot(act, member) : "This platform does not offer it",
    onChoose: () => void trial.try(label, act, session.id, { agentId: memberId }),
  }));
  return (
    <li className={styles.member}>
      <span className={styles.name}>
        <bdi>{memberName}</bdi>
        <span className={styles.id}><bdi>{memberId}</bdi>{memberType !== "Agent" && <> · {ROLES[memberType].word}</>}</span>
      </span>
      <span className={styles.doing}>
        <StateMark state={state} />
        {reason && <bdi className={styles.reason}>{reason}</bdi>}
      </span>
      <span className={styles.since}><Since at={since} /></span>
      <Menu kind="quiet" label="…" name={`What can be done with ${memberName}`} reason={trial.why} items={items} />
      {trial.failed && <div className={styles.failure}><Failure trial={trial} /></div>}
    </li>
  );
}

/** Why a member's state does not allow it. */
function whyNot(act: Act, { state, memberName }: Member): string | undefined {
  const isOnCall = state === "talking" || state === "hold";
  switch (act) {
    case "session.request.supervise.ready":
      return state === "loggedout" ? `${memberName} is logged out` : state === "ready" ? `${memberName} is ready` : undefined;
    case "session.request.supervise.notready":
      return state === "loggedout" ? `${memberName} is logged out` : undefined;
    case "session.request.supervise.logout":
      return state === "loggedout" ? `${memberName} is logged out` : isOnCall || state === "reserved" ? `${memberName} is on a call` : undefined;
    default:
      return isOnCall ? undefined : `${memberName} is on no call`;
  }
}
