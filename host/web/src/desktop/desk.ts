// What every part of a signed-in desktop needs.

import { createContext, useContext, useEffect, useRef, useState } from "react";
import type { Client, Member, Roster, Session, SessionCommands } from "interaction-processor";

import { serverNow } from "../data/clock";
import { useIsPast } from "../kit/Time";
import type { KeyMap } from "./keys/keys";
import type { Entries } from "./log/entries";
import type { Contact } from "./logic/calls";
import { problemOf } from "./logic/problem";
import type { Problem } from "./logic/problem";

export interface Desk {
  client: Client;
  session: Session;
  contacts: readonly Contact[];
  roster: Roster | undefined;
  /** The agent as the roster has it. */
  self: Member | undefined;
  /** What the platform offers; undefined until it was told. */
  capabilities: Readonly<Record<string, boolean>> | undefined;
  /** Why nothing can be done now. */
  why: string | undefined;
  keys: KeyMap;
  entries: Entries;
  /** Sends a command, and lets the log and other tabs know whose it is. */
  send<Name extends keyof SessionCommands>(command: Name, target: string, data?: SessionCommands[Name]): Promise<void>;
  /** Says something to screen readers, and notes it. */
  note(actor: string, text: string, tone?: "plain" | "away" | "alarm"): void;
}

export const DeskContext = createContext<Desk | undefined>(undefined);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("nobody is signed in here");
  return desk;
}

/** Whether the platform offers something; until it is known what it offers, it may. */
export function useOffer(): (capability: string) => boolean {
  const { capabilities } = useDesk();
  return (capability) => capabilities?.[capability] ?? capabilities === undefined;
}

export interface Failed {
  /** What was tried. */
  what: string;
  problem: Problem;
}

/** Tries commands at one place, and keeps there what failed. */
export interface Trial {
  failed: Failed | undefined;
  /** Why nothing may be tried here now: the connection is away, or the server asked to wait. */
  why: string | undefined;
  try<Name extends keyof SessionCommands>(what: string, command: Name, target: string, data?: SessionCommands[Name]): Promise<boolean>;
  dismiss(): void;
}

export function useTrial(): Trial {
  const { send, note, why } = useDesk();
  const [failed, setFailed] = useState<Failed>();
  const underWay = useRef<string>(undefined);
  const isWaitOver = useIsPast(failed?.problem.retryAt);
  const isThere = useRef(true);
  useEffect(() => {
    isThere.current = true;
    return () => {
      isThere.current = false;
    };
  }, []);
  return {
    failed,
    why: why ?? (isWaitOver ? undefined : "The server asked to wait a moment"),
    dismiss: () => setFailed(undefined),
    async try(what, command, target, data) {
      // Pressed twice, meant once.
      if (underWay.current === what) return false;
      underWay.current = what;
      try {
        await send(command, target, data);
        setFailed(undefined);
        return true;
      } catch (error) {
        const problem = problemOf(error, serverNow());
        // Where the place is gone with what was tried on it, the log has it.
        if (isThere.current) setFailed({ what, problem });
        else note(what, `failed: ${problem.message}`, "alarm");
        return false;
      } finally {
        if (underWay.current === what) underWay.current = undefined;
      }
    },
  };
}
