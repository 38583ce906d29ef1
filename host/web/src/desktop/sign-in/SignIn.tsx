import { useEffect, useRef, useState } from "react";

import { serverNow } from "../../data/clock";
import { Button } from "../../kit/Button";
import { Field } from "../../kit/Field";
import { Notice } from "../../kit/Notice";
import { Until, useIsPast } from "../../kit/Time";
import { problemOf, signInFailure } from "../logic/problem";
import type { Problem } from "../logic/problem";
import type { Access, Note } from "./access";
import { NoteText } from "./NoteText";
import styles from "./SignIn.module.css";

interface SignInProps {
  access: Access;
  note: Note | undefined;
  /** Why it cannot be tried now. */
  why: string | undefined;
  /** Known already, as after a take-over. */
  agentId?: string;
  submit?: string;
}

/** Asks who the agent is. The password is kept in this page's memory until the session is over, and nowhere else. */
export function SignIn({ access, note, why, agentId: known, submit = "Sign in" }: SignInProps) {
  const first = known ?? (note && "agentId" in note ? note.agentId : "");
  const [agentId, setAgentId] = useState(first);
  const [password, setPassword] = useState("");
  const [extension, setExtension] = useState("");
  /** Whether what is missing is told. */
  const [isTried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>(note?.kind === "lost" ? note.problem : undefined);
  const agentField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);
  const isWaitOver = useIsPast(problem?.retryAt);
  const isWaiting = problem?.retryAt !== undefined && !isWaitOver;

  useEffect(() => {
    (first === "" ? agentField : passwordField).current?.focus();
  }, [first]);

  const failed = problem && signInFailure(problem);
  const id = agentId.trim();
  const missing: Record<string, string | undefined> = {
    agentId: id === "" ? "Enter your agent id." : undefined, password: password === "" ? "Enter your password." : undefined,
  };
  const at = (place: string) => (failed?.place === place ? failed.words : isTried ? missing[place] : undefined);
  const reason = why ?? (isBusy ? "Signing in" : isWaiting ? "Wait until it may be tried again" : undefined);

  const sign = async () => {
    if (reason !== undefined) return;
    setTried(true);
    setProblem(undefined);
    if (missing["agentId"] ?? missing["password"]) return (id === "" ? agentField : passwordField).current?.focus();
    setBusy(true);
    try {
      await access.signIn({ agentId: id, password, extension: extension.trim() });
    } catch (error) {
      const told = problemOf(error, serverNow());
      // Whoever chose to leave it needs no complaint.
      if (told.code !== "client.declined") setProblem(told);
      setTried(false);
      if (told.code.startsWith("credentials.")) setPassword("");
      (signInFailure(told).place === "agentId" ? agentField : passwordField).current?.focus();
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      className={styles.form}
      aria-label={submit}
      onSubmit={(event) => {
        event.preventDefault();
        void sign();
      }}
    >
      {note !== undefined && <Notice tone={note.kind === "loggedOut" && note.by !== "elsewhere" ? "plain" : "away"}><NoteText note={note} /></Notice>}
      <Field ref={agentField} label="Agent id" value={agentId} error={at("agentId")} readOnly={known !== undefined} onChange={({ target }) => setAgentId(target.value)} />
      <Field ref={passwordField} label="Password" type="password" value={password} error={at("password")} onChange={({ target }) => setPassword(target.value)} />
      <details className={styles.more} open={failed?.place === "extension" || undefined}>
        <summary>More</summary>
        <Field
          label="Extension"
          inputMode="numeric"
          value={extension}
          error={at("extension")}
          hint="The phone you use, where it is not your own. It counts where you are not logged in yet."
          onChange={({ target }) => setExtension(target.value)}
        />
      </details>
      {failed?.place === "form" && <Notice tone="alarm" isUrgent>{failed.words}</Notice>}
      {isWaiting && <p className={styles.wait}>It may be tried again in <strong><Until at={problem.retryAt as number} /></strong>.</p>}
      <div className={styles.actions}>
        <Button kind="primary" type="submit" reason={reason} aria-busy={isBusy || undefined}>{isBusy ? "Signing in…" : submit}</Button>
        {problem && <code className={styles.code}>{problem.code}</code>}
      </div>
    </form>
  );
}
