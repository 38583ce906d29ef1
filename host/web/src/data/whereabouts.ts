// Which browser this is, in the words people know it by: for whoever is asked whether to take a session over from it.

interface Told {
  userAgent: string;
  userAgentData?: { brands: readonly { brand: string }[]; platform: string };
}

/** The first that fits: browsers name those they descend from, too. */
const BROWSERS: readonly [RegExp, string][] = [
  [/Edg\//, "Edge"], [/OPR\//, "Opera"], [/Firefox\//, "Firefox"], [/Chrome\//, "Chrome"], [/Safari\//, "Safari"],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/Windows/, "Windows"], [/Android/, "Android"], [/iPhone|iPad/, "iOS"], [/Mac OS X/, "macOS"], [/CrOS/, "ChromeOS"], [/Linux/, "Linux"],
];

/** `Firefox on Windows`, as far as it is told. */
export function whereabouts({ userAgent, userAgentData }: Told): string {
  const named = userAgentData?.brands.map(({ brand }) => brand).find((brand) => !/not.*brand/i.test(brand) && brand !== "Chromium");
  const browser = named ?? first(BROWSERS, userAgent) ?? "a browser";
  const system = userAgentData?.platform || first(SYSTEMS, userAgent);
  return system === undefined ? browser : `${browser} on ${system}`;
}

function first(known: readonly [RegExp, string][], text: string): string | undefined {
  return known.find(([pattern]) => pattern.test(text))?.[1];
}
