// Follows the teams and queues of one person. However much changes, what is shown is made anew four times a second at most.

import { useEffect, useMemo, useState } from "react";
import { flushSync } from "react-dom";
import type { Queue, Queues, Roster, RosterTeam } from "interaction-processor";

import { useProcessor } from "../data/processor";

/** People read no faster. */
const RENEW_MS = 250;
/** However large the board, making it anew takes at most this share of the thread: the rest is for whoever scrolls. */
const SHARE = 1 / 12;

export interface Board {
  /** Nothing was told yet. */
  isLoading: boolean;
  areQueuesLoading: boolean;
  teams: ReadonlyMap<string, RosterTeam>;
  queues: ReadonlyMap<string, Queue>;
  /** False while it is read anew, or the platform is away. */
  isCurrent: boolean;
  /** Why there is nothing to follow, in words. */
  refusal: string | undefined;
  /** Another one with each renewal. */
  version: number;
}

const NO_TEAMS: ReadonlyMap<string, RosterTeam> = new Map();
const NO_QUEUES: ReadonlyMap<string, Queue> = new Map();

export function useBoard(agentId: string): Board {
  const { client } = useProcessor();
  const [watched, setWatched] = useState<{ roster: Roster; queues: Queues }>();
  const [version, setVersion] = useState(0);

  useEffect(() => {
    if (!client) return undefined;
    const roster = client.teamStatus(agentId);
    const queues = client.queueStatus(agentId);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let shownAt = 0;
    let pauseMs = RENEW_MS;
    const show = () => {
      shownAt = performance.now();
      flushSync(() => setVersion((version) => version + 1));
      pauseMs = Math.max(RENEW_MS, (performance.now() - shownAt) / SHARE);
      timer = undefined;
    };
    // The first change is shown at once, what follows soon after is gathered.
    const changed = () => void (timer ??= setTimeout(show, Math.max(0, shownAt + pauseMs - performance.now())));
    const over = new AbortController();
    for (const name of ["change", "stale", "ended"] as const) {
      roster.on(name, changed, over);
      queues.on(name, changed, over);
    }
    setWatched({ roster, queues });
    return () => {
      over.abort();
      clearTimeout(timer);
      roster.close();
      queues.close();
      setWatched(undefined);
    };
  }, [client, agentId]);

  return useMemo(() => {
    const { roster, queues } = watched ?? {};
    return {
      isLoading: (roster?.version ?? 0) === 0 && !roster?.ended,
      areQueuesLoading: (queues?.version ?? 0) === 0 && !queues?.ended,
      teams: roster?.teams ?? NO_TEAMS,
      queues: queues?.queues ?? NO_QUEUES,
      isCurrent: (roster?.isCurrent ?? false) && (queues === undefined || queues.version === 0 || queues.isCurrent),
      refusal: roster?.ended?.failure?.message ?? (roster?.ended && roster.ended.why !== "closed" ? `It is followed no longer (${roster.ended.why}).` : undefined),
      version,
    };
  }, [watched, version]);
}
