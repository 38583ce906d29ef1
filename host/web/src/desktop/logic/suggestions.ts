// Whom a destination may mean: members of the agent's teams.

import type { Member, Roster } from "interaction-processor";

const SHOWN = 6;

/** Who can talk now comes first. */
const FIRST: readonly Member["state"][] = ["ready", "work", "notready", "talking", "hold", "reserved", "loggedout"];

/** Members whose name or id holds what is typed. */
export function suggestionsOf(roster: Roster | undefined, self: string, typed: string): Member[] {
  const wanted = typed.trim().toLocaleLowerCase();
  const members = new Map<string, Member>();
  for (const member of roster?.members() ?? []) if (member.memberId !== self) members.set(member.memberId, member);
  return [...members.values()]
    .filter(({ memberId, memberName }) => wanted === "" || memberId.startsWith(wanted) || memberName.toLocaleLowerCase().includes(wanted))
    .sort((one, other) => FIRST.indexOf(one.state) - FIRST.indexOf(other.state) || one.memberName.localeCompare(other.memberName))
    .slice(0, SHOWN);
}
