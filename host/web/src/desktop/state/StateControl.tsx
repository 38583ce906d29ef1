import { useEffect, useState } from "react";

import { serverNow } from "../../data/clock";
import { toneOf, wordOf } from "../../data/states";
import { Button } from "../../kit/Button";
import { Menu } from "../../kit/Menu";
import { ToneMark } from "../../kit/StateMark";
import { At, Since } from "../../kit/Time";
import { useConnectionState } from "../../data/processor";
import { useWrapUps } from "../calls/wrapUps";
import { useDesk, useTrial } from "../desk";
import { Failure } from "../Failure";
import { pressedBy } from "../keys/useKeys";
import { mainChannel, ownState, pendingWord, reasonName } from "../logic/availability";
import styles from "./State.module.css";

/** What I do, and what I can do about it. `said` is why a key did nothing. */
export function StateControl({ said }: { said: string }) {
  const { session, self, keys, why } = useDesk();
  const connection = useConnectionState();
  const trial = useTrial();
  const { finishAll } = useWrapUps();
  const channel = mainChannel(session);
  const heardAt = useHeardAt();
  const own = ownState(session, self, heardAt);
  const [wanted, setWanted] = useState<string>();
  useEffect(() => setWanted((now) => (own?.pending ? now : undefined)), [own?.pending]);
  if (!channel || !own) return null;

  const { state, word = wordOf(state), since, pending } = own;
  const tone = toneOf(state);
  const reason = reasonName(own.reason, session.notReadyReasons);
  const can = (action: "channel.ready" | "channel.notready" | "channel.acw") => channel.enabled.includes(action);
  const isBusy = channel.availability?.state === "BUSY";

  const ready = async () => {
    if (await finishAll()) await trial.try("Ready", "channel.request.ready", channel.target);
  };
  const notReady = async (code?: string, name?: string) => {
    if (!(await finishAll())) return;
    setWanted(name);
    const chosen = code === undefined ? {} : { reason: { code, ...(name === undefined ? {} : { name }) } };
    await trial.try("Not ready", "channel.request.notready", channel.target, chosen);
  };
  const whyNotReady = trial.why ?? (can("channel.notready") ? undefined : "Not in your present state");
  const reasons = session.notReadyReasons.map(({ code = "", name }) => ({
    key: code, label: name || code, isChosen: state === "notready" && own.reason?.code === code, onChoose: () => void notReady(code, name),
  }));

  return (
    <section className={styles.state} data-tone={tone} aria-label="My state">
      <div className={styles.now}>
        <span className={styles.mark}><ToneMark tone={tone} /></span>
        <p className={styles.word}>
          <span role="status">{word}{reason && <>: <bdi>{reason}</bdi></>}</span>
          {pending && <span className={styles.pending}>{pendingWord(pending)}{pending === "NOT_READY" && wanted && <>: <bdi>{wanted}</bdi></>} after this call</span>}
          {why && connection.state !== "live" && "since" in connection && <span className={styles.pending}>as of <At at={connection.since} /></span>}
        </p>
        {since !== undefined && <span className={styles.since}><Since at={since} /></span>}
      </div>
      <div className={styles.choices}>
        <Button
          {...pressedBy("ready")}
          hotkey={keys.ready}
          reason={trial.why ?? (can("channel.ready") ? undefined : pending === "READY" ? "You will be ready after this call" : "You are ready")}
          title={isBusy ? "Ready after this call" : state === "work" ? "Ends wrap-up" : undefined}
          isPressed={state === "ready"}
          onClick={() => void ready()}
        >
          Ready
        </Button>
        {reasons.length > 0
          ? <Menu keyAct="notready" label="Not ready" hotkey={keys.notready} reason={whyNotReady} items={reasons} />
          : <Button {...pressedBy("notready")} hotkey={keys.notready} reason={whyNotReady} onClick={() => void notReady()}>Not ready</Button>}
        <Button
          reason={trial.why ?? (can("channel.acw") ? undefined : pending === "ACW" ? "Wrap-up follows this call" : state === "work" ? "You are wrapping up" : "Wrap-up begins with the end of a call: choose it during one")}
          isPressed={state === "work"}
          onClick={() => void trial.try("Wrap-up", "channel.request.acw", channel.target)}
        >
          Wrap-up
        </Button>
      </div>
      <Failure trial={trial} />
      <p className={styles.said} role="status">{said}</p>
    </section>
  );
}

/** When the channel last told a change while this page listened. */
function useHeardAt(): number | undefined {
  const { session } = useDesk();
  const [at, setAt] = useState<number>();
  useEffect(() => {
    const over = new AbortController();
    session.on("channel.infochanged", (event) => setAt(Math.min(event.at, serverNow())), over);
    return () => over.abort();
  }, [session]);
  return at;
}
