import { serverNow, useSecond } from "../../data/clock";
import { ago, clockTime, counted, exactTime } from "../../data/format";
import { Button } from "../../kit/Button";
import { Dialog } from "../../kit/Dialog";
import type { Question } from "./access";
import styles from "./SignIn.module.css";

/** The question before a session is taken over: whose it is, and what happens to the calls. */
export function TakeOver({ question: { holder, answer } }: { question: Question }) {
  const now = Math.max(useSecond(), serverNow() - 1_000);
  const { agentId, client, instance, since, calls } = holder;
  return (
    <Dialog
      title={<>Take over the session of agent <bdi>{agentId}</bdi>?</>}
      onClose={() => answer(false)}
      actions={(
        <>
          <Button onClick={() => answer(true)}>Take over</Button>
          <Button kind="primary" data-first-focus onClick={() => answer(false)}>Leave it</Button>
        </>
      )}
    >
      <p>Another desktop is signed in with this agent id.</p>
      <dl className={styles.facts}>
        <dt>Where</dt>
        <dd><bdi>{client || "a client without a name"}</bdi><small>through server <bdi>{instance}</bdi></small></dd>
        <dt>Since</dt>
        <dd>{clockTime(since, now)}<small>{ago(since, now)}; {exactTime(since)}</small></dd>
        <dt>Calls</dt>
        <dd>{calls === 0 ? "None is in progress" : `${counted(calls, "call is", "calls are")} in progress`}</dd>
      </dl>
      <p>
        If you take it over, the other desktop is signed out of the session and told so.{" "}
        {calls === 0 ? "The state stays as it is." : <strong>The {calls === 1 ? "call stays" : "calls stay"} as {calls === 1 ? "it is" : "they are"}: nobody is cut off, and you go on with {calls === 1 ? "it" : "them"} here.</strong>}
      </p>
    </Dialog>
  );
}
