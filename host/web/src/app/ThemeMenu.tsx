import { useEffect } from "react";

import { usePreference } from "../data/preferences";
import { Menu } from "../kit/Menu";

const THEMES = { auto: "As the system", light: "Light", dark: "Dark" } as const;
type Theme = keyof typeof THEMES;

/** Light, dark, or as the system has it. */
export function ThemeMenu() {
  const [theme, setTheme] = usePreference<Theme>("theme", "auto");
  useEffect(() => {
    if (theme === "auto") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  const items = (Object.keys(THEMES) as Theme[]).map((key) => ({
    key, label: THEMES[key], isChosen: key === theme, onChoose: () => setTheme(key),
  }));
  return <Menu kind="quiet" label={<HalfMoon />} name={`Theme: ${THEMES[theme]}`} items={items} />;
}

function HalfMoon() {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
    </svg>
  );
}
