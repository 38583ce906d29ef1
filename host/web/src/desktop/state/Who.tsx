import { useState } from "react";

import { Button } from "../../kit/Button";
import { Menu } from "../../kit/Menu";
import { useDesk, useOffer, useTrial } from "../desk";
import { Failure } from "../Failure";
import { KeysDialog } from "../keys/KeysDialog";
import type { Access } from "../sign-in/access";
import styles from "./State.module.css";

/** Whose desktop it is, its keys, and the way out. */
export function Who({ access }: { access: Access }) {
  const { session, self, contacts } = useDesk();
  const [isKeysOpen, setKeysOpen] = useState(false);
  const channel = session.channels.find(({ object }) => object.type === "telephony");
  return (
    <div className={styles.who}>
      <p className={styles.name}>
        <bdi>{self?.memberName || `Agent ${session.agentId}`}</bdi>
        <span className={styles.ids}>
          <bdi>{session.agentId}</bdi>{channel?.object.endpoint && <> · ext. <bdi>{channel.object.endpoint}</bdi></>}
        </span>
      </p>
      <Button kind="quiet" onClick={() => setKeysOpen(true)}>Keys</Button>
      <Logout access={access} isOngoing={contacts.some(({ stage }) => stage !== "ended")} />
      {isKeysOpen && <KeysDialog onClose={() => setKeysOpen(false)} />}
    </div>
  );
}

/** Logs out, with a reason where the platform has some; not while a contact goes on. */
function Logout({ access, isOngoing }: { access: Access; isOngoing: boolean }) {
  const { session } = useDesk();
  const trial = useTrial();
  const isOffered = useOffer();
  const isReasonWanted = isOffered("logout-reason-required") && session.logoutReasons.length > 0;
  const reason = isOngoing ? "A contact goes on: end it first" : trial.why ?? (session.can("session.logout") ? undefined : "Not in the present state");
  const leave = async (code?: string, name?: string) => {
    access.isLeaving = true;
    const data = code === undefined ? {} : { reason: { code, ...(name === undefined ? {} : { name }) } };
    if (!(await trial.try("Logging out", "session.request.logout", session.id, data))) access.isLeaving = false;
  };
  const items = [
    ...session.logoutReasons.map(({ code = "", name }) => ({ key: code, label: name || code, onChoose: () => void leave(code, name) })),
    ...(isReasonWanted ? [] : [{ key: "none", label: "Without a reason", onChoose: () => void leave() }]),
  ];
  return (
    <>
      {session.logoutReasons.length > 0
        ? <Menu label="Log out" kind="quiet" reason={reason} items={items} />
        : <Button kind="quiet" reason={reason} onClick={() => void leave()}>Log out</Button>}
      {trial.failed && <div className={styles.whole}><Failure trial={trial} /></div>}
    </>
  );
}
