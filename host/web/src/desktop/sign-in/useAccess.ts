import { useCallback, useSyncExternalStore } from "react";
import type { Client } from "interaction-processor";

import { accessOf } from "./access";
import type { Access, Phase, Question } from "./access";

/** Who is signed in, and how it came to that. */
export function useAccess(client: Client): { access: Access; phase: Phase; question: Question | undefined } {
  const access = accessOf(client);
  const phase = useSyncExternalStore(access.subscribe, useCallback(() => access.phase, [access]));
  const question = useSyncExternalStore(access.subscribe, useCallback(() => access.question, [access]));
  return { access, phase, question };
}
