// A supervisor's teams in the order in which they are looked at.

import type { Member, Roster } from "interaction-processor";

import { wordOf } from "../../data/states";

const ORDER: readonly Member["state"][] = ["reserved", "talking", "hold", "work", "ready", "notready", "loggedout"];

export interface ShownTeam {
  teamId: string;
  teamName: string;
  members: Member[];
}

/** Who is on a call first, the logged out last; within a state who has been in it the longest. */
export function teamsOf(roster: Roster, self: string, typed: string): ShownTeam[] {
  const wanted = typed.trim().toLocaleLowerCase();
  const fits = ({ memberId, memberName, state }: Member) =>
    memberId !== self && [memberId, memberName, wordOf(state)].some((text) => text.toLocaleLowerCase().includes(wanted));
  return [...roster.teams.values()]
    .map(({ teamId, teamName, members }) => ({
      teamId, teamName,
      members: [...members.values()].filter(fits).sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state) || one.since - other.since),
    }))
    .sort((one, other) => one.teamName.localeCompare(other.teamName));
}
