import { useEffect, useRef } from "react";
import type { KeyboardEvent } from "react";
import type { CallEntry, ProcessorError } from "interaction-processor";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Link, useSearch } from "wouter";

import { count, counted, duration, isoDuration } from "../data/format";
import { Button } from "../kit/Button";
import { Empty, Loading } from "../kit/Empty";
import { Ago, At, Since } from "../kit/Time";
import { useAsOf } from "./hooks/useAsOf";
import type { Inside } from "./hooks/useInside";
import styles from "./CallList.module.css";

const ROW_PX = 52;

interface CallListProps {
  /** Newest first; none until they were read. */
  calls: readonly CallEntry[] | undefined;
  failure: ProcessorError | undefined;
  /** What was searched. */
  query: string;
  inside: Inside;
  selected: string | undefined;
  hasMore: boolean;
  onMore: () => void;
}

/** Running and recent calls, newest first. */
export function CallList({ calls, failure, query, inside, selected, hasMore, onMore }: CallListProps) {
  if (failure?.code === "access.denied") {
    return (
      <Empty title="This page may not list calls">
        The list needs a token with the scope <code>reports</code>. A call can still be opened by its id where its agent signed in here.
      </Empty>
    );
  }
  if (calls === undefined) {
    return failure === undefined
      ? <Loading label="Calls are being read" rows={8} />
      : <Empty title="The calls cannot be read">{failure.message}</Empty>;
  }
  return (
    <>
      <p className={styles.count} role={query === "" ? undefined : "status"}>{summary(calls, query, inside, hasMore)}</p>
      {calls.length === 0 ? <None query={query} isLooking={inside.looked < inside.of} /> : <Rows calls={calls} selected={selected} hasMore={hasMore} onMore={onMore} />}
    </>
  );
}

function summary(calls: readonly CallEntry[], query: string, inside: Inside, hasMore: boolean): string {
  const running = calls.filter(({ EndedAt }) => EndedAt === undefined).length;
  const all = `${hasMore && query === "" ? "The newest " : ""}${counted(calls.length, "call")}${query === "" ? "" : " found"}${running > 0 ? `, ${count(running)} running` : ""}`;
  return inside.looked < inside.of ? `${all}; looking into ${inside.looked} of ${inside.of}` : all;
}

function None({ query, isLooking }: { query: string; isLooking: boolean }) {
  if (query === "") return <Empty title="No calls yet">Calls appear here as they begin, and stay for as long as the server’s store keeps them.</Empty>;
  if (isLooking) return <Loading label="Looking into recent calls" rows={2} />;
  return (
    <Empty title={`Nothing found for “${query.length > 60 ? `${query.slice(0, 60)}…` : query}”`}>
      Numbers are found whole, as they were dialled. Names and extensions are looked for in the newest calls. The id of a call opens it with Enter, however old it is.
    </Empty>
  );
}

function Rows({ calls, selected, hasMore, onMore }: Pick<CallListProps, "selected" | "hasMore" | "onMore"> & { calls: readonly CallEntry[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const search = useSearch();
  const asOf = useAsOf();
  const virtual = useVirtualizer({ count: calls.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_PX, overscan: 8, getItemKey: (at) => calls[at]?.CallId ?? at });

  // Who comes by an address sees the call in the list, too.
  const place = calls.findIndex(({ CallId }) => CallId === selected);
  const isListed = place >= 0;
  useEffect(() => {
    if (isListed) virtual.scrollToIndex(place, { align: "auto" });
  }, [selected, isListed]);

  const key = (event: KeyboardEvent) => {
    const link = document.activeElement?.closest("[data-at]");
    const at = Number(link?.getAttribute("data-at") ?? -1);
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? ROW_PX) / ROW_PX) - 1);
    const last = calls.length - 1;
    const wanted: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: last };
    const to = wanted[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to < 0 && event.key === "ArrowUp") return document.querySelector<HTMLElement>("[role=search] input")?.focus();
    const next = Math.min(last, Math.max(0, to));
    virtual.scrollToIndex(next);
    const focus = () => scroller.current?.querySelector<HTMLElement>(`[data-at="${next}"]`);
    // A row far away is there once it was scrolled to.
    const there = focus();
    if (there) there.focus();
    else requestAnimationFrame(() => requestAnimationFrame(() => focus()?.focus()));
  };

  return (
    <div ref={scroller} className={styles.scroller} data-calls>
      <ul className={styles.list} aria-label="Calls, newest first" style={{ blockSize: virtual.getTotalSize() }} onKeyDown={key}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const call = calls[index] as CallEntry;
          return (
            <li key={key} className={styles.row} style={{ transform: `translateY(${start}px)` }} aria-setsize={calls.length} aria-posinset={index + 1}>
              <Row call={call} at={index} search={search} isSelected={call.CallId === selected} asOf={asOf} />
            </li>
          );
        })}
      </ul>
      {hasMore && <div className={styles.more}><Button kind="quiet" onClick={onMore}>Show older calls</Button></div>}
    </div>
  );
}

function Row({ call, at, search, isSelected, asOf }: { call: CallEntry; at: number; search: string; isSelected: boolean; asOf: number | undefined }) {
  const isRunning = call.EndedAt === undefined;
  return (
    <Link
      href={`/journey/${encodeURIComponent(call.CallId)}${search === "" ? "" : `?${search}`}`}
      className={styles.call ?? ""}
      aria-current={isSelected ? "true" : undefined}
      data-at={at}
      data-running={isRunning || undefined}
    >
      <span className={styles.ends} title={`${call.From || "unknown"} → ${call.To || "unknown"}`}>
        <bdi>{call.From || "unknown"}</bdi>
        <span className={styles.to} aria-hidden="true">→</span>
        <span className="unseen">to</span>
        <bdi>{call.To || "unknown"}</bdi>
      </span>
      <span className={styles.lasted}>
        {isRunning ? (asOf === undefined ? <Since at={call.StartedAt} /> : duration(asOf - call.StartedAt)) : <Lasted call={call} />}
      </span>
      <span className={styles.when}>
        {isRunning
          ? <span className={styles.running} data-tone="busy">{asOf === undefined ? "Running" : <>Running as of <At at={asOf} /></>}</span>
          : <Ago at={call.StartedAt} />}
      </span>
    </Link>
  );
}

function Lasted({ call }: { call: CallEntry }) {
  const ms = (call.EndedAt ?? call.StartedAt) - call.StartedAt;
  return (
    <time dateTime={isoDuration(ms)} title={call.Partial ? "Its end was not seen" : undefined}>
      {call.Partial ? "at least " : ""}{duration(ms)}
    </time>
  );
}
