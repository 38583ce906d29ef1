import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import type { Client, Member, Roster, Session, SessionCommands } from "interaction-processor";

import { serverNow } from "../data/clock";
import { useConnectionState, useService } from "../data/processor";
import { DeskContext } from "./desk";
import type { Desk } from "./desk";
import { useKeyMap } from "./keys/useKeys";
import type { Entries } from "./log/entries";
import { Others } from "./log/others";
import type { Actor } from "./log/others";
import type { Telling } from "./log/channel";
import { mainChannel } from "./logic/availability";
import { contactsOf } from "./logic/calls";
import { useRoster } from "./useRoster";

interface DeskProviderProps {
  client: Client;
  session: Session;
  entries: Entries;
  tabs: Telling;
  /** Tells whose command another tab's was. */
  heardTabs: (listener: (session: string, command: string, target: string) => void) => () => void;
  children: ReactNode;
}

/** Follows a session, and tells own acts from those of others. */
export function DeskProvider({ client, session, entries, tabs, heardTabs, children }: DeskProviderProps) {
  const connection = useConnectionState();
  const status = useService()?.serviceStatus.status;
  const [keys] = useKeyMap();
  const [others] = useState(() => new Others());
  const { roster, version: look } = useRoster(client, session.agentId);
  const version = useVersion(session);
  const capabilities = useCapabilities(client, status);

  const did = useCallback((actor: Actor, command: string, target: string) => others.did({ actor, command, target, at: serverNow() }), [others]);
  useEffect(() => heardTabs((of, command, target) => of === session.id && did("another tab", command, target)), [heardTabs, session, did]);

  const send = useCallback(async <Name extends keyof SessionCommands>(command: Name, target: string, data?: SessionCommands[Name]) => {
    did("this tab", command, target);
    tabs.tell({ kind: "did", session: session.id, command, target });
    await session.request(command, target, ...([data ?? {}] as never));
  }, [session, tabs, did]);
  const note = useCallback<Desk["note"]>((actor, text, tone = "plain") => entries.add({ at: serverNow(), actor, text, tone }), [entries]);

  const before = useRef(contactsOf(session.objects));
  useEffect(() => {
    before.current = contactsOf(session.objects);
    for (const object of session.objects) {
      const availability = object.kind === "channel" ? object.availability : undefined;
      others.saw(object.target, object.state, availability && { state: availability.state, reason: availability.reason, pending: availability.pending });
    }
    const over = new AbortController();
    session.on("event", (event) => {
      const after = contactsOf(session.objects);
      const reasons = session.notReadyReasons;
      const told = others.heard(event, serverNow(), { contacts: before.current, reasons }, { contacts: after, reasons });
      before.current = after;
      if (told) entries.add({ at: event.at, actor: told.actor, text: told.text, tone: "away" });
    }, over);
    return () => over.abort();
  }, [session, others, entries]);

  const why = connection.state !== "live" ? "Waiting for the connection"
    : status === "OutOfService" || mainChannel(session)?.state === "UNAVAILABLE" ? "The telephony platform is away"
    : !session.isCurrent ? "It is being read anew" : undefined;
  const contacts = useMemo(() => contactsOf(session.objects), [session, version]);
  const self = useMemo(() => memberOf(roster, session.agentId), [roster, look, session]);
  const desk: Desk = { client, session, contacts, roster, self, capabilities, why, keys, entries, send, note };
  return <DeskContext value={desk}>{children}</DeskContext>;
}

function memberOf(roster: Roster | undefined, agentId: string): Member | undefined {
  for (const { members } of roster?.teams.values() ?? []) {
    const member = members.get(agentId);
    if (member) return member;
  }
  return undefined;
}

/** Rendered with every change, also in a tab that is not looked at: its title tells what rings. */
function useVersion(session: Session): string {
  return useSyncExternalStore(
    useCallback((changed: () => void) => {
      const over = new AbortController();
      session.on("change", changed, over);
      session.on("ended", changed, over);
      return () => over.abort();
    }, [session]),
    () => `${session.version} ${session.isCurrent}`,
  );
}

/** What the platform offers, asked again when it is back. */
function useCapabilities(client: Client, status: string | undefined): Record<string, boolean> | undefined {
  const [capabilities, setCapabilities] = useState<Record<string, boolean>>();
  useEffect(() => {
    if (status !== "InService") return undefined;
    const over = new AbortController();
    // Without an answer everything may be tried, and the server says what it does not do.
    client.capabilities(over).then(setCapabilities, () => {});
    return () => over.abort();
  }, [client, status]);
  return capabilities;
}
