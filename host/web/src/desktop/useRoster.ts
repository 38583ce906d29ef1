import { useEffect, useState } from "react";
import type { Client, Roster } from "interaction-processor";

/** A manager's roster changes hundreds of times a second, which nobody can read. */
const LOOK_MS = 200;

/** The teams of an agent, looked at a few times a second; `version` says which look it is. */
export function useRoster(client: Client, agentId: string): { roster: Roster | undefined; version: number } {
  const [look, setLook] = useState<{ roster: Roster | undefined; version: number }>({ roster: undefined, version: 0 });
  useEffect(() => {
    if (agentId === "") return undefined;
    const roster = client.teamStatus(agentId);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lookedAt = 0;
    const show = () => {
      timer = undefined;
      lookedAt = performance.now();
      setLook({ roster, version: roster.version });
    };
    const changed = () => {
      timer ??= setTimeout(show, Math.max(0, lookedAt + LOOK_MS - performance.now()));
    };
    roster.on("change", changed);
    roster.on("ended", changed);
    show();
    return () => {
      clearTimeout(timer);
      roster.close();
    };
  }, [client, agentId]);
  return look;
}
