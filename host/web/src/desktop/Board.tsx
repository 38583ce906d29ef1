import { useCallback, useState } from "react";

import { Calls } from "./calls/Calls";
import { DialOut } from "./calls/DialOut";
import { useDesk } from "./desk";
import styles from "./Desktop.module.css";
import { useKeys } from "./keys/useKeys";
import { Log } from "./log/Log";
import type { Access } from "./sign-in/access";
import { StateControl } from "./state/StateControl";
import { OtherTabs } from "./state/OtherTabs";
import { Who } from "./state/Who";
import { Team } from "./team/Team";

/** The desktop of somebody who is signed in. */
export function Board({ access, otherTabs }: { access: Access; otherTabs: number }) {
  const { session, keys } = useDesk();
  const [said, setSaid] = useState("");
  useKeys(keys, useCallback((why: string) => setSaid(why), []));
  const isSupervisor = session.can("session.supervise.ready");
  return (
    <div className={styles.board}>
      <div className={styles.column}>
        <Who access={access} />
        {otherTabs > 0 && <OtherTabs />}
        <StateControl said={said} />
        <Calls />
        <DialOut />
        <Log />
      </div>
      {isSupervisor && <div className={styles.beside}><Team /></div>}
    </div>
  );
}
