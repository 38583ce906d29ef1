// The list of calls: there is no subscription for it, so it is asked for again while somebody looks at it.

import { useCallback, useEffect, useState } from "react";
import type { CallEntry, Client, ProcessorError } from "interaction-processor";

import { asFailure } from "./failure";

const EVERY_MS = 4_000;
/** The most a server lists. */
export const CALLS_MAX = 1_000;

export interface Calls {
  /** Newest first; none until they were read. */
  calls: readonly CallEntry[] | undefined;
  failure: ProcessorError | undefined;
}

/** Recent and running calls; `number` keeps those it called or was called on. */
export function useCalls(client: Client | undefined, number: string | undefined, limit: number, isWanted = true): Calls {
  const [read, setRead] = useState<Calls & { number: string | undefined }>({ calls: undefined, failure: undefined, number });
  const ask = useCallback(
    async (signal: AbortSignal) => {
      if (!client) return;
      try {
        const calls = await client.recentCalls({ limit, ...(number === undefined ? {} : { number }) }, { signal });
        if (!signal.aborted) setRead({ calls, failure: undefined, number });
      } catch (error) {
        if (signal.aborted) return;
        const failure = asFailure(error);
        // What was read before stands.
        setRead((before) => ({ calls: before.number === number ? before.calls : undefined, failure, number }));
      }
    },
    [client, limit, number],
  );
  useEffect(() => {
    if (!client || !isWanted) return undefined;
    const over = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isAsking = false;
    const again = async () => {
      clearTimeout(timer);
      if (isAsking || document.hidden || client.connection.state !== "live") return;
      isAsking = true;
      await ask(over.signal);
      isAsking = false;
      if (!over.signal.aborted) timer = setTimeout(again, EVERY_MS);
    };
    const now = () => void again();
    client.on("connection", now, over);
    client.on("resumed", now, over);
    client.on("resnapshotted", now, over);
    client.on("services", now, over);
    document.addEventListener("visibilitychange", now, over);
    now();
    return () => {
      clearTimeout(timer);
      over.abort();
    };
  }, [client, ask, isWanted]);
  return read.number === number ? read : { calls: undefined, failure: undefined };
}
