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

/** The calls of a list in which the query is found. It looks again when the list has new ones. */
export function useInside(client: Client | undefined, query: string | undefined, calls: readonly CallEntry[] | undefined): Inside {
  const [state, setState] = useState<Inside & { query: string | undefined }>({ ...NOTHING, query });
  const newest = calls?.[0]?.CallId;
  useEffect(() => {
    if (!client || query === undefined || calls === undefined) return undefined;
    const gone = new AbortController();
    const of = Math.min(calls.length, LOOKED_INTO_MAX);
    const found = new Set<string>();
    const tell = (looked: number) => setState((before) => {
      const isAgain = before.query === query && before.of > 0 && before.looked === before.of;
      // What was found stays found while it is looked for again.
      return isAgain && looked < of ? before : { found: new Set(found), looked, of, query };
    });
    const look = async (): Promise<void> => {
      for (const [at, call] of calls.slice(0, of).entries()) {
        const known = over.get(call.CallId);
        const text = known ?? (await inside(client, call, gone.signal));
        if (gone.signal.aborted) return;
        if (text !== undefined && matches(query, text)) found.add(call.CallId);
        if (at % 10 === 0 || at === of - 1) tell(at + 1);
        if (known === undefined) await new Promise((done) => setTimeout(done, PACE_MS));
      }
    };
    void look();
    return () => gone.abort();
    // Calls that only grew are looked into when there are others.
  }, [client, query, newest]);
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
