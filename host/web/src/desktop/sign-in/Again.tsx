import { Button } from "../../kit/Button";
import { Loading } from "../../kit/Empty";
import { Panel } from "../../kit/Panel";
import { Ago, Until } from "../../kit/Time";
import { wordsOf } from "../logic/problem";
import type { Access, Note } from "./access";
import { lostWords } from "./lost";
import styles from "./SignIn.module.css";

/** The page signs in by itself after the server forgot it. */
export function Again({ access, note }: { access: Access; note: Extract<Note, { kind: "lost" }> }) {
  const { why, at, problem } = note;
  return (
    <Panel title="Signing in again">
      <div className={styles.again} role="status">
        <p>{lostWords(why)} (<Ago at={at} />). You are being signed in again; <strong>calls on your phone go on.</strong></p>
        {problem && <p>{wordsOf(problem)} {problem.retryAt !== undefined && <>Next try in <Until at={problem.retryAt} />.</>}</p>}
        <Button onClick={() => access.byHand()}>Enter the password instead</Button>
      </div>
      <Loading label="Signing in again" rows={2} />
    </Panel>
  );
}
