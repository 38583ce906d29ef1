// Wrap-ups that are chosen and not finished: whoever changes the state finishes them first, so that none is lost.

import { useEffect } from "react";

type Finish = () => Promise<boolean>;

const open = new Map<string, Finish>();

/** Finishes a contact's wrap-up when the state is changed; undefined where nothing was chosen. */
export function useFinish(target: string, finish: Finish | undefined): void {
  useEffect(() => {
    if (!finish) return undefined;
    open.set(target, finish);
    return () => void open.delete(target);
  });
}

export function useWrapUps(): { finishAll(): Promise<boolean> } {
  return {
    async finishAll() {
      const done = await Promise.all([...open.values()].map((finish) => finish()));
      return done.every(Boolean);
    },
  };
}
