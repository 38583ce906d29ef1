// How many people did what over the last minutes: looked at every five seconds, kept for as long as the tab is there.

import { useEffect, useRef, useState } from "react";

import { serverNow } from "../data/clock";
import { noCounts } from "../data/states";
import type { Counts } from "../data/states";

export const WINDOW_MS = 15 * 60_000;
const EVERY_MS = 5_000;
/** Looks further apart than this have a hole between them: nothing was known there. */
export const HOLE_MS = 3 * EVERY_MS;

export interface Sample {
  at: number;
  counts: Counts;
}

/** The looks at `counts` so far; none is taken while `isKnown` is false. */
export function useHistory(name: string, counts: Counts, isKnown: boolean): readonly Sample[] {
  const key = `interaction-processor.history.${name}`;
  const [samples, setSamples] = useState<readonly Sample[]>(() => load(key));
  const latest = useRef({ counts, isKnown });
  latest.current = { counts, isKnown };

  useEffect(() => {
    let kept = load(key);
    setSamples(kept);
    const look = () => {
      const { counts, isKnown } = latest.current;
      if (!isKnown) return;
      const at = serverNow();
      kept = [...kept.filter((sample) => sample.at > at - WINDOW_MS && sample.at < at), { at, counts: { ...counts } }];
      setSamples(kept);
      save(key, kept);
    };
    const first = setTimeout(look, 500);
    const timer = setInterval(look, EVERY_MS);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
    };
  }, [key]);
  return samples;
}

function load(key: string): readonly Sample[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    if (!Array.isArray(kept)) return [];
    const usual = noCounts();
    return kept.filter((sample): sample is Sample =>
      typeof sample?.at === "number" && Object.keys(usual).every((tone) => typeof sample.counts?.[tone] === "number"));
  } catch {
    return [];
  }
}

function save(key: string, samples: readonly Sample[]): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(samples));
  } catch {
    // A full store costs the chart its memory of before a reload, and nothing else.
  }
}
