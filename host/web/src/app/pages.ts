// What pages there are, and the keys each has.

export interface Keys {
  keys: string;
  does: string;
}

export interface PageInfo {
  path: string;
  name: string;
  keys: readonly Keys[];
}

export const PAGES = [
  {
    path: "/wallboard",
    name: "Wallboard",
    keys: [
      { keys: "/", does: "Filter the members" },
      { keys: "Escape", does: "Empty the filter" },
      { keys: "↑ ↓ Page Home End", does: "Scroll the table, once it has the focus" },
    ],
  },
  {
    path: "/journey",
    name: "Journeys",
    keys: [
      { keys: "/", does: "Search a call" },
      { keys: "↑ ↓ Enter", does: "Choose a call from the list" },
      { keys: "+ − 0", does: "Zoom in, out, and back, once the timeline has the focus" },
      { keys: "← → Home End", does: "Move along the timeline" },
      { keys: "↑ ↓", does: "Tell its steps one by one, with their exact times" },
    ],
  },
  {
    path: "/desktop",
    name: "Desktop",
    keys: [
      { keys: "F4", does: "Answer" },
      { keys: "F6", does: "Hold or retrieve" },
      { keys: "F8", does: "Hang up" },
      { keys: "F9", does: "Ready" },
      { keys: "F10", does: "Not ready, then the digit of a reason" },
      { keys: "#", does: "Open the keypad" },
    ],
  },
] as const satisfies readonly PageInfo[];

export function pageAt(location: string): PageInfo | undefined {
  return PAGES.find(({ path }) => location === path || location.startsWith(`${path}/`));
}
