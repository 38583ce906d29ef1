import { useMemo } from "react";
import { Link } from "wouter";

import { useSecond } from "../data/clock";
import { useProcessor } from "../data/processor";
import { Button } from "../kit/Button";
import { Empty, Loading } from "../kit/Empty";
import { Panel } from "../kit/Panel";
import { CallHead } from "./CallHead";
import { StepTable } from "./StepTable";
import { Timeline } from "./Timeline";
import { useAsOf } from "./hooks/useAsOf";
import { useJourney } from "./hooks/useJourney";
import type { Reading } from "./hooks/useJourney";
import { endingOf, read } from "./logic/steps";

/** Clocks on this page show the second that is under way as if it were over: so do durations. */
const JUST_UNDER_A_SECOND = 999;

/** One call, or why there is none to see. */
export function Detail({ callId, hasCalls }: { callId: string | undefined; hasCalls: boolean }) {
  const { client } = useProcessor();
  const { reading, failure } = useJourney(client, callId);
  if (callId === undefined) {
    return hasCalls
      ? <Empty title="No call is chosen">Choose one from the list, or search it. What you see then has an address of its own, which can be shared.</Empty>
      : <Empty title="No call is chosen">Once there are calls, choose one to see where it has been: trigger, script, queue, agents, and how it ended.</Empty>;
  }
  if (reading !== undefined) return <Call callId={callId} reading={reading} />;
  switch (failure?.code) {
    case undefined:
      return <Loading label="The call is being read" rows={6} />;
    case "call.unknown":
      return (
        <Empty title="No such call is known" action={<Link href="/journey">Show recent calls</Link>}>
          <p>Nobody here knows a call with the id <code><bdi>{callId}</bdi></code>. It may be mistyped, older than what the server’s store keeps, or of another domain.</p>
        </Empty>
      );
    case "access.denied":
      return (
        <Empty title="This call may not be read here">
          Calls can be read with a token that has the scope <code>reports</code>, by agents who were on them, and by those who supervise such an agent.
        </Empty>
      );
    default:
      return <Empty title="The call cannot be read" action={<Button onClick={() => location.reload()}>Try again</Button>}>{failure?.message}</Empty>;
  }
}

function Call({ callId, reading }: { callId: string; reading: Reading }) {
  const away = useAsOf();
  const asOf = reading.lostAt ?? away;
  const isRunning = reading.running.size > 0;
  const now = useSecond(isRunning && asOf === undefined) + JUST_UNDER_A_SECOND;
  // A call that was lost sight of is shown as of then.
  const at = Math.max(asOf ?? now, reading.steps.at(-1)?.StartedAt ?? 0);
  const steps = useMemo(() => read(reading.steps, reading.running, at, reading.entry?.EndedAt), [reading, at]);
  const ending = useMemo(() => endingOf(steps, reading.entry?.EndedAt), [steps, reading.entry]);
  return (
    <>
      <CallHead callId={callId} steps={steps} entry={reading.entry} ending={ending} asOf={isRunning ? asOf : undefined} isLost={reading.lostAt !== undefined} />
      {steps.length === 0
        ? <Empty title="Nothing is known of this call yet">Its steps appear here as they happen.</Empty>
        : (
          <>
            <Timeline steps={steps} ending={ending} at={at} isLive={isRunning && asOf === undefined} asOf={isRunning ? asOf : undefined} />
            <Panel title="Steps" aside={`${steps.length}`}><StepTable steps={steps} asOf={asOf} /></Panel>
          </>
        )}
    </>
  );
}
