// Finds calls by who was on them. Lists do not tell that, so journeys are opened one after another, newest first.

import { useEffect, useState } from "react";
import type { CallEntry, Client } from "interaction-processor";

import { insideText, matches } from "../logic/search";

/** How many of the newest are looked into. */
export const LOOKED_INTO_MAX = 200;
/** The link is shared by all tabs and may ask a hundred times a second: a search takes a quarter of that. */
const PACE_MS = 40;

/** What is found in calls that are over, which change no more; the latest so many are kept. */
const over = new Map<string, string>();
const KEPT_MAX = 2_000;

export interface Inside {
  /** Ids of the calls in which it was found. */
  found: ReadonlySet<string>;
  looked: number;
  of: number;
}

const NOTHING: Inside = { found: new Set(), looked: 0, of: 0 };

export function useInside(client: Client | undefined, query: string | undefined, calls: readonly CallEntry[] | undefined): Inside {
  const [state, setState] = useState<Inside & { query: string | undefined }>({ ...NOTHING, query });
  const isKnown = calls !== undefined;
  useEffect(() => {
    if (!client || query === undefined || calls === undefined) return undefined;
    const gone = new AbortController();
    const waiting = calls.slice(0, LOOKED_INTO_MAX);
    const of = waiting.length;
    const found = new Set<string>();
    let looked = 0;
    const look = async (): Promise<void> => {
      for (const call of waiting) {
        const known = over.get(call.CallId);
        const text = known ?? (await inside(client, call, gone.signal));
        if (gone.signal.aborted) return;
        if (text !== undefined && matches(query, text)) found.add(call.CallId);
        looked += 1;
        if (looked % 10 === 0 || looked === of) setState({ found: new Set(found), looked, of, query });
        if (known === undefined) await new Promise((done) => setTimeout(done, PACE_MS));
      }
    };
    void look();
    return () => gone.abort();
    // The list is renewed every few seconds; what it had when it was asked is looked into.
  }, [client, query, isKnown]);
  return state.query === query ? state : NOTHING;
}

async function inside(client: Client, call: CallEntry, signal: AbortSignal): Promise<string | undefined> {
  try {
    const text = insideText(await client.callJourney(call.CallId, { signal }));
    if (call.EndedAt !== undefined) over.set(call.CallId, text);
    if (over.size > KEPT_MAX) over.delete(over.keys().next().value ?? "");
    return text;
  } catch {
    // It was forgotten meanwhile, or the connection went: it is not found now.
    return undefined;
  }
}
