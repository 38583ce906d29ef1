import { useEffect, useState } from "react";
import type { Client, Connection } from "interaction-processor";

import { serverNow } from "../data/clock";
import { counted, duration } from "../data/format";
import { useConnectionState, useProcessor, useService } from "../data/processor";
import { Button } from "../kit/Button";
import { Notice } from "../kit/Notice";
import { At } from "../kit/Time";
import { TokenForm } from "./TokenForm";

/** How long what came back stays told. */
const TOLD_MS = 12_000;

/** Why what is shown may be out of date, since when, what helps; and what was read anew once it is back. */
export function ConnectionNotice() {
  const { client, problem } = useProcessor();
  const connection = useConnectionState();
  const service = useService();
  const back = useReturn(client);

  if (problem !== undefined) {
    return <Notice tone="alarm" isUrgent action={<Button onClick={() => location.reload()}>Load the page again</Button>}>The program that keeps the connection could not be loaded: {problem}</Notice>;
  }
  if (connection.state !== "live") return <Away connection={connection} client={client} />;
  const { status } = service?.serviceStatus ?? {};
  if (status === "OutOfService") {
    return <Notice tone="away">The telephony platform is away or being read again. What you see is as it was; calls on the phones go on.</Notice>;
  }
  if (status === "Starting") return <Notice tone="plain">The server is reading the telephony platform for the first time.</Notice>;
  if (status === "Stopping") return <Notice tone="away">The server is about to stop; this page will connect again by itself.</Notice>;
  return back === undefined ? null : <Notice tone="plain">{back}</Notice>;
}

function Away({ connection, client }: { connection: Connection; client: Client | undefined }) {
  const retry = <Button onClick={() => client?.retry()}>Try now</Button>;
  switch (connection.state) {
    case "reconnecting":
      return (
        <Notice tone="away" action={retry}>
          Disconnected: {sentence(connection.why.message)} Showing what was known at <At at={connection.since} />.
        </Notice>
      );
    case "offline":
      return <Notice tone="away" action={retry}>This computer has no network. Showing what was known at <At at={connection.since} />.</Notice>;
    case "moved":
      return (
        <Notice tone="alarm" isUrgent action={<Button kind="primary" onClick={() => client?.retry()}>Take it back</Button>}>
          This page’s connection is used by another page since <At at={connection.since} />. Showing what was known then.
        </Notice>
      );
    case "refused":
      return isAboutTokens(connection.failure.code)
        ? <TokenForm message={connection.failure.message} />
        : <Notice tone="alarm" isUrgent action={retry}>{connection.failure.message}</Notice>;
    default:
      return null;
  }
}

function isAboutTokens(code: string): boolean {
  return code === "access.denied" || code === "token.invalid" || code === "client.token";
}

/** What came back, in words, for a while. */
function useReturn(client: Client | undefined): string | undefined {
  const [told, setTold] = useState<string>();
  useEffect(() => {
    if (!client) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = (text: string) => {
      clearTimeout(timer);
      setTold(text);
      timer = setTimeout(() => setTold(undefined), TOLD_MS);
    };
    const over = new AbortController();
    client.on("resumed", ({ messages, awayMs }) => tell(`Back after ${duration(awayMs)}: ${missed(messages)}`), over);
    client.on("resnapshotted", ({ awayMs, outcomesUnknown }) => tell(
      `Back after ${duration(awayMs)} on a fresh connection: everything was read anew at ${new Date(serverNow()).toLocaleTimeString()}, what happened in between was not told as events.${outcomesUnknown > 0 ? ` Look whether ${counted(outcomesUnknown, "request")} of yours took effect.` : ""}`,
    ), over);
    return () => {
      over.abort();
      clearTimeout(timer);
    };
  }, [client]);
  return told;
}

function missed(messages: number): string {
  return messages === 0 ? "nothing was missed." : `${counted(messages, "message was", "messages were")} missed and all have come.`;
}

/** The end of a sentence that stands behind a colon. */
function sentence(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1).replace(/\.$/, "")}.`;
}
