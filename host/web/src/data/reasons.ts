// Reason codes in words: the administrator's own names as the server tells them, and what Cisco's platforms say by themselves.

import { useEffect, useState } from "react";

import { useProcessor } from "./processor";

/** Codes of Cisco's own, from its CTI protocol's reason codes; shown where the administrator has no name for them. */
const SYSTEM: Record<string, string> = {
  32741: "Extension conflict",
  32742: "Second line off hook",
  32743: "E-mail not accepted",
  32745: "Outbound work",
  32746: "Reserved: direct outbound",
  32747: "Reserved: outbound",
  32748: "Removed by administrator",
  32749: "Consultation cancelled",
  32750: "Extension changed",
  32751: "Skipped contacts",
  32752: "Reservation cancelled",
  32753: "Line restricted",
  32754: "Device restricted",
  32755: "Call ended",
  32756: "Phone back",
  32757: "Call manager failed over",
  32758: "Wrap-up time over",
  32759: "Phone down",
  32760: "Just logged in",
  32761: "Other call",
  32762: "Off hook",
  32763: "Did not answer",
  32764: "Platform failure",
  32765: "Connection down",
  32766: "Desktop closed",
  32767: "Logged in elsewhere",
};

export interface ReasonNames {
  /** The words for a code; the code itself where nobody named it, nothing where there is none. */
  of(code: string): string;
}

/** The names the administrator gave: with those of Cisco's own. */
export function reasonNames(named: readonly { code?: string; name?: string }[]): ReasonNames {
  const names = new Map(named.flatMap(({ code, name }) => (code && name ? [[code, name] as const] : [])));
  return { of: (code) => names.get(code) ?? SYSTEM[code] ?? (code === "" ? "" : `Code ${code}`) };
}

/** Asked once a link, as the platform tells them when it is read. */
export function useReasonNames(): ReasonNames {
  const { client } = useProcessor();
  const [names, setNames] = useState(() => reasonNames([]));
  useEffect(() => {
    if (!client) return undefined;
    const over = new AbortController();
    const read = async () => {
      try {
        const { notReadyReasons, logoutReasons } = await client.report("report.reasoncodes", {}, over);
        setNames(reasonNames([...notReadyReasons, ...logoutReasons]));
      } catch {
        // Codes are shown instead; the next connection asks again.
      }
    };
    client.on("services", () => void read(), over);
    client.on("resnapshotted", () => void read(), over);
    void read();
    return () => over.abort();
  }, [client]);
  return names;
}
