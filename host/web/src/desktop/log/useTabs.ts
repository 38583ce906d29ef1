import { useCallback, useEffect, useRef, useState } from "react";

import { Tabs } from "./channel";
import type { Telling } from "./channel";

type Heard = (session: string, command: string, target: string) => void;

/** The other tabs with a desktop: how many, and what they do. */
export function useTabs(): { tabs: Telling; others: number; heardTabs: (listener: Heard) => () => void } {
  const listeners = useRef(new Set<Heard>());
  const [others, setOthers] = useState(0);
  const [tabs, setTabs] = useState<Telling>(NOBODY);
  useEffect(() => {
    const made: Tabs = new Tabs(
      () => setOthers(made.others),
      (message) => {
        if (message.kind !== "did") return;
        for (const listener of listeners.current) listener(message.session, message.command, message.target);
      },
    );
    setTabs(made);
    return () => {
      made.close();
      setTabs(NOBODY);
    };
  }, []);
  const heardTabs = useCallback((listener: Heard) => {
    listeners.current.add(listener);
    return () => void listeners.current.delete(listener);
  }, []);
  return { tabs, others, heardTabs };
}

/** Until the first rendering is over. */
const NOBODY: Telling = { tell() {} };
