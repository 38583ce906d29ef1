import type { Connection } from "interaction-processor";

import { useConnectionState } from "../data/processor";
import { Since } from "../kit/Time";
import styles from "./ConnectionState.module.css";

const TONES: Partial<Record<Connection["state"], string>> = {
  live: "ready", reconnecting: "away", offline: "away", refused: "alarm", moved: "alarm",
};

/** How the connection is, in words, always in its place. */
export function ConnectionState({ domain }: { domain: string | undefined }) {
  const connection = useConnectionState();
  const where = connection.state === "live" ? [connection.server.instance, domain].filter(Boolean).join(" · ") : undefined;
  return (
    <span className={styles.connection} data-tone={TONES[connection.state] ?? "plain"} data-state={connection.state} role="status">
      <span className={styles.words}>{words(connection)}</span>
      {where !== undefined && <span className={styles.where} title="instance and domain"><bdi>{where}</bdi></span>}
    </span>
  );
}

function words(connection: Connection): React.ReactNode {
  switch (connection.state) {
    case "live":
      return "Live";
    case "reconnecting":
      return <>Reconnecting for <Since at={connection.since} /></>;
    case "offline":
      return "No network";
    case "refused":
      return "Refused";
    case "moved":
      return "In use elsewhere";
    case "closed":
      return "Closed";
    default:
      return "Connecting";
  }
}
