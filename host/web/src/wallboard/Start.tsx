import { useState } from "react";

import { useService } from "../data/processor";
import { Button } from "../kit/Button";
import { Field } from "../kit/Field";
import styles from "./Start.module.css";

/** Whose teams to show. */
export function Start({ onLook, problem }: { onLook: (agentId: string) => void; problem?: string | undefined }) {
  const [agentId, setAgentId] = useState("");
  const given = agentId.trim();
  const isSimulated = useService()?.info["cti-vendor"].startsWith("Simulated") ?? false;
  return (
    <form
      className={styles.start}
      onSubmit={(event) => {
        event.preventDefault();
        if (given !== "") onLook(given);
      }}
    >
      <h1>Whose teams?</h1>
      <p>A supervisor sees the teams they supervise and the queues those serve; anybody else the teams they are in.</p>
      <Field
        label="Supervisor or agent"
        placeholder="login id"
        autoFocus
        value={agentId}
        onChange={({ target }) => setAgentId(target.value)}
        error={problem}
        hint={isSimulated ? "In the simulated contact centre 1000 manages all teams, and 1001 to 1006 supervise one each." : "The address of the board can be shared and bookmarked."}
      />
      <Button kind="primary" type="submit" reason={given === "" ? "Enter an id first" : undefined}>Show the wallboard</Button>
    </form>
  );
}
