import { useSearchParams } from "wouter";

import { usePreference } from "../data/preferences";
import { Start } from "./Start";
import { TeamsOf } from "./TeamsOf";

/** The wallboard: of whom stands in the address, or is what was looked at last. */
export default function Wallboard() {
  const [search, setSearch] = useSearchParams();
  const [last, setLast] = usePreference("wallboard.agent", "");
  const agentId = search.get("agent") ?? last;
  const look = (agent: string) => {
    setLast(agent);
    setSearch(agent === "" ? {} : { agent });
  };
  return agentId === "" ? <Start onLook={look} /> : <TeamsOf key={agentId} agentId={agentId} onLeave={() => look("")} />;
}
