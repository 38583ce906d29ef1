import { useEffect, useState } from "react";
import type { Client } from "interaction-processor";

import { useConnectionState, useProcessor } from "../data/processor";
import { Loading } from "../kit/Empty";
import { Panel } from "../kit/Panel";
import { Board } from "./Board";
import { DeskProvider } from "./DeskProvider";
import { useTabs } from "./log/useTabs";
import { Again } from "./sign-in/Again";
import { SignIn } from "./sign-in/SignIn";
import { Superseded } from "./sign-in/Superseded";
import { TakeOver } from "./sign-in/TakeOver";
import { useAccess } from "./sign-in/useAccess";
import styles from "./Desktop.module.css";

/** An agent's desktop, made for a narrow column beside other programs. */
export default function Desktop() {
  const { client } = useProcessor();
  return (
    <div className={styles.desktop}>
      <h1 className="unseen">Agent desktop</h1>
      {client === undefined ? <div className={styles.column}><Waiting label="Connecting" /></div> : <Access client={client} />}
    </div>
  );
}

function Access({ client }: { client: Client }) {
  const { access, phase, question } = useAccess(client);
  const { tabs, others, heardTabs } = useTabs();
  const connection = useConnectionState();
  const why = connection.state === "live" ? undefined : "Waiting for the connection";
  const dialog = question && <TakeOver question={question} />;
  if (phase.kind === "in") {
    return (
      <DeskProvider key={phase.session.id} client={client} session={phase.session} entries={access.entries} tabs={tabs} heardTabs={heardTabs}>
        <Board access={access} otherTabs={others} />
        {dialog}
      </DeskProvider>
    );
  }
  return (
    <div className={styles.column}>
      {phase.kind === "waiting" && <Waiting label={phase.label} />}
      {phase.kind === "out" && <Panel title="Sign in"><SignIn key={phase.note?.at} access={access} note={phase.note} why={why} /></Panel>}
      {phase.kind === "again" && <Again access={access} note={phase.note} />}
      {phase.kind === "superseded" && <Superseded access={access} phase={phase} why={why} />}
      {dialog}
    </div>
  );
}

/** Said after a while only: mostly it is over before anybody could read it. */
function Waiting({ label }: { label: string }) {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), 500);
    return () => clearTimeout(timer);
  }, []);
  return isLong ? <Panel title={label}><Loading label={label} rows={4} /></Panel> : null;
}
