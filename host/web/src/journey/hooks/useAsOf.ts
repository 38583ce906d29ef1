import { useRef } from "react";

import { serverNow } from "../../data/clock";
import { useConnectionState, useService } from "../../data/processor";

/** Since when nothing new is known; none while the link is live and the platform there. */
export function useAsOf(): number | undefined {
  const connection = useConnectionState();
  const isAway = useService()?.serviceStatus?.status === "OutOfService";
  const away = useRef<number>(undefined);
  if (!isAway) away.current = undefined;
  else away.current ??= serverNow();
  if ("since" in connection && connection.state !== "live") return connection.since;
  return away.current;
}
