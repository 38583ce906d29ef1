import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { useLocation, useSearchParams } from "wouter";

import { useProcessor } from "../data/processor";
import { CallList } from "./CallList";
import { Detail } from "./Detail";
import { SearchBox } from "./SearchBox";
import { CALLS_MAX, useCalls } from "./hooks/useCalls";
import { useInside } from "./hooks/useInside";
import { addressOf, callOf, lineText, matches, merged, numberOf } from "./logic/search";
import styles from "./Journeys.module.css";

/** How many calls are listed at first, and after each wish for more. */
const LIMITS = [100, 300, CALLS_MAX] as const;
/** Shorter words are in every call. */
const WORD_MIN = 2;

/** Finds calls and shows where each has been. */
export default function Journeys() {
  const { client } = useProcessor();
  const [, navigate] = useLocation();
  const [params] = useSearchParams();
  const query = params.get("q") ?? "";
  const callId = callOf(location.pathname);
  const [pages, setPages] = useState(0);
  const limit = LIMITS[pages] ?? CALLS_MAX;

  const word = query.trim();
  const number = numberOf(word);
  const recent = useCalls(client, undefined, limit);
  const byNumber = useCalls(client, number, limit, number !== undefined);
  const inside = useInside(client, word.length < WORD_MIN ? undefined : word, recent.calls);
  const calls = useMemo(() => {
    if (recent.calls === undefined || word === "") return recent.calls;
    const isFound = (text: string) => matches(word, text) || (number !== undefined && text.includes(number));
    const found = recent.calls.filter((call) => isFound(lineText(call)) || inside.found.has(call.CallId));
    return merged(found, number === undefined ? [] : (byNumber.calls ?? []));
  }, [recent.calls, byNumber.calls, inside, word, number]);
  const shown = useDeferredValue(calls);

  useEffect(() => {
    if (callId !== undefined) document.title = `Call ${callId} · Interaction processor`;
    else document.title = "Journeys · Interaction processor";
  }, [callId]);

  return (
    <div className={styles.page} data-has-call={callId !== undefined || undefined}>
      <h1 className="unseen">Call journeys</h1>
      <section className={styles.finder} aria-label="Find a call">
        <SearchBox
          query={query}
          onQuery={(text) => navigate(addressOf(callId, text), { replace: true })}
          onOpen={(id) => navigate(addressOf(id, ""))}
          found={word === "" ? undefined : shown}
        />
        <CallList
          calls={shown}
          failure={recent.failure}
          query={word}
          inside={inside}
          selected={callId}
          hasMore={recent.calls !== undefined && recent.calls.length >= limit && limit < CALLS_MAX}
          onMore={() => setPages(pages + 1)}
        />
      </section>
      <section className={styles.detail} aria-label="The call">
        <Detail key={callId ?? ""} callId={callId} hasCalls={(recent.calls?.length ?? 0) > 0} />
      </section>
    </div>
  );
}
