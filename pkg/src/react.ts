// Hooks for React 18 and later: what is shown follows the server, rendered at most once a frame.

import { useEffect, useState, useSyncExternalStore } from "react";

import type { Client, Connection } from "./client.js";
import type { Session } from "./session.js";
import type { Journey, Queues, Roster, Watched } from "./watched.js";

/** How the connection is. */
export function useConnection(client: Client): Connection {
  return useSyncExternalStore(
    (changed) => client.on("connection", changed),
    () => client.connection,
    () => client.connection,
  );
}

/** The teams of an agent, for as long as the component is there. */
export function useTeamStatus(client: Client, agentId: string): Roster | undefined {
  return useWatched(client, agentId, (id) => client.teamStatus(id));
}

/** The queues an agent sees. */
export function useQueueStatus(client: Client, agentId: string): Queues | undefined {
  return useWatched(client, agentId, (id) => client.queueStatus(id));
}

/** Where a call has been. */
export function useCallJourney(client: Client, callId: string): Journey | undefined {
  return useWatched(client, callId, (id) => client.followCall(id));
}

/** A session, rendered anew when it changes. */
export function useSession(session: Session): Session {
  useVersion(session);
  return session;
}

/** Undefined in the first rendering only, as nothing may be begun in it. */
function useWatched<Made extends Watched>(client: Client, key: string, make: (key: string) => Made): Made | undefined {
  const [watched, setWatched] = useState<Made>();
  useEffect(() => {
    const made = make(key);
    setWatched(made);
    return () => made.close();
    // `make` is of the client.
  }, [client, key]);
  useVersion(watched);
  return watched;
}

function useVersion(source: Session | Watched | undefined): void {
  const [, setVersion] = useState(0);
  useEffect(() => {
    if (!source) return undefined;
    let frame: number | undefined;
    const show = () => {
      frame = undefined;
      setVersion((version) => version + 1);
    };
    const changed = () => void (frame ??= requestAnimationFrame(show));
    const over = new AbortController();
    const on = (source as Watched).on.bind(source) as (name: "change" | "ended", heard: () => void, o: object) => void;
    on("change", changed, { signal: over.signal });
    on("ended", changed, { signal: over.signal });
    // It may have changed since it was rendered.
    changed();
    return () => {
      over.abort();
      if (frame !== undefined) cancelAnimationFrame(frame);
    };
  }, [source]);
}
