import { Ago, At } from "../../kit/Time";
import { Panel } from "../../kit/Panel";
import type { Access, Phase } from "./access";
import { SignIn } from "./SignIn";
import styles from "./SignIn.module.css";

/** The session is somebody else's now: who, since when, what it means, and how to get it back. */
export function Superseded({ access, phase, why }: { access: Access; phase: Extract<Phase, { kind: "superseded" }>; why: string | undefined }) {
  const { agentId, client, at } = phase;
  return (
    <Panel title="Your session was taken over">
      <div className={styles.lead} role="alert">
        <p>
          {client ? <><bdi><strong>{client}</strong></bdi> has</> : "Another desktop has"} the session of agent <bdi>{agentId}</bdi> since <At at={at} /> (<Ago at={at} />).
          Whoever did it entered this agent’s password. Calls went over as they were: none was cut off.
        </p>
      </div>
      <SignIn access={access} note={undefined} why={why} agentId={agentId} submit="Take it back" />
    </Panel>
  );
}
