import type { CallEntry } from "interaction-processor";

import { counted, duration, exactTime, isoDuration } from "../data/format";
import { At } from "../kit/Time";
import { CopyAddress } from "./CopyAddress";
import { isMoment, kindWord, labelOf } from "./logic/steps";
import type { Ending, Step } from "./logic/steps";
import { addressOf } from "./logic/search";
import styles from "./CallHead.module.css";

interface CallHeadProps {
  callId: string;
  steps: readonly Step[];
  entry: CallEntry | undefined;
  ending: Ending | undefined;
  /** Since when nothing new is known of it, while it runs. */
  asOf: number | undefined;
  /** Nobody here knows it any more. */
  isLost: boolean;
}

/** Who called whom, when, for how long, and how it ended or what goes on. */
export function CallHead({ callId, steps, entry, ending, asOf, isLost }: CallHeadProps) {
  const [from, to] = ends(steps, entry);
  const began = Math.min(entry?.StartedAt ?? Infinity, ...steps.map((step) => step.from));
  const last = Math.max(began, ending?.at ?? 0, ...(ending ? [] : steps.map((step) => step.to)));
  const legs = new Set(steps.map(({ call }) => call));
  const missed = steps.filter(({ isPartial }) => isPartial).length;
  return (
    <header className={styles.head}>
      <div className={styles.title}>
        <h2 className={styles.ends}>
          <bdi>{from}</bdi> <span className={styles.to} aria-hidden="true">→</span><span className="unseen">to</span> <bdi>{to}</bdi>
        </h2>
        <CopyAddress address={new URL(addressOf(callId, ""), location.href).href} />
      </div>
      {steps.length > 0 && (
        <dl className={styles.facts}>
          <Fact name="Began"><time dateTime={new Date(began).toISOString()}>{exactTime(began)}</time></Fact>
          <Fact name={ending ? "Lasted" : "Lasting"}>
            <time dateTime={isoDuration(last - began)}>{entry?.Partial && ending ? "at least " : ""}{duration(last - began)}</time>
          </Fact>
          <Fact name="Call id"><bdi className={styles.id}>{callId}</bdi>{legs.size > 1 && <span className={styles.quiet}> ({counted(legs.size, "leg")})</span>}</Fact>
          <Fact name={ending ? "Ended" : "Now"}>
            <span role="status">{ending ? <Ended ending={ending} steps={steps} entry={entry} /> : <Running steps={steps} asOf={asOf} />}</span>
          </Fact>
        </dl>
      )}
      {isLost && <p className={styles.partial} role="status">The server does not know this call any more; it may have been started anew without a store that keeps calls. What you see is what was known before.</p>}
      {(missed > 0 || entry?.Partial) && (
        <p className={styles.partial}>
          {entry?.Partial
            ? "The server lost sight of this call: how it went on is not known."
            : `The beginning or end of ${counted(missed, "step")} was not seen; times there are the earliest or latest known.`}
        </p>
      )}
    </header>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return <div className={styles.fact}><dt>{name}</dt><dd>{children}</dd></div>;
}

function Ended({ ending, steps, entry }: { ending: Ending; steps: readonly Step[]; entry: CallEntry | undefined }) {
  const working = steps.filter(({ isRunning, activity }) => isRunning && activity === "work");
  return (
    <>
      <At at={ending.at} />: {entry?.Partial ? "its end was not seen" : lowered(ending.cause)}
      {working.length > 0 && <span data-tone="work" className={styles.state}> · wrap-up goes on</span>}
    </>
  );
}

function Running({ steps, asOf }: { steps: readonly Step[]; asOf: number | undefined }) {
  const running = steps.filter((step) => step.isRunning);
  const names = new Map(steps.filter(({ name }) => name !== "").map(({ device, name }) => [device, name]));
  return (
    <>
      <span className={styles.state} data-tone="busy">{asOf === undefined ? "Running" : <>As of <At at={asOf} /></>}</span>
      {running.slice(0, 4).map((step) => (
        <span key={step.key}>{" · "}{lowered(labelOf(step))} <bdi>{names.get(step.device) ?? step.device}</bdi></span>
      ))}
      {running.length > 4 && ` · and ${running.length - 4} more`}
    </>
  );
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Who called and what was called: as the list has it, else as the first steps tell. */
function ends(steps: readonly Step[], entry: CallEntry | undefined): [string, string] {
  const caller = steps.find((step) => step.activity === "incoming") ?? steps.find((step) => step.activity === "dialling");
  const called = steps.find((step) => step.activity === "outgoing") ?? steps.find((step) => step.activity === "trigger") ?? steps.find((step) => step !== caller && !isMoment(step));
  const dialled = caller?.activity === "dialling" ? caller.other : "";
  return [entry?.From || caller?.device || "unknown", entry?.To || dialled || (called && (called.device || kindWord(called.kind))) || "unknown"];
}
