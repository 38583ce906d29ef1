import { useEffect, useRef, useState } from "react";

import { count } from "../data/format";
import { TONES, TONE_WORDS } from "../data/states";
import type { Counts, Tone } from "../data/states";
import { Button } from "../kit/Button";
import { Field } from "../kit/Field";
import { ToneMark } from "../kit/StateMark";
import { ThresholdsDialog } from "./ThresholdsDialog";
import type { Selection, Thresholds } from "./board";
import styles from "./Toolbar.module.css";

interface ToolbarProps {
  words: string;
  onWords: (words: string) => void;
  selection: Omit<Selection, "words">;
  counts: Counts;
  onTone: (tone: Tone | undefined) => void;
  thresholds: Thresholds;
  onThresholds: (thresholds: Thresholds) => void;
}

/** Which members are shown. */
export function Toolbar({ words, onWords, selection, counts, onTone, thresholds, onThresholds }: ToolbarProps) {
  const filter = useRef<HTMLInputElement>(null);
  const [isSetting, setSetting] = useState(false);
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.closest("input, textarea, dialog");
      if (event.key !== "/" || isTyping) return;
      event.preventDefault();
      filter.current?.focus();
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);
  return (
    <div className={styles.tools}>
      <div className={styles.tones} role="group" aria-label="Only one state">
        {TONES.map((tone) => (
          <Button key={tone} kind="quiet" isPressed={selection.tone === tone} title={`Only: ${TONE_WORDS[tone].toLowerCase()}`} onClick={() => onTone(selection.tone === tone ? undefined : tone)}>
            <ToneMark tone={tone} /> {count(counts[tone])}<span className="unseen"> {TONE_WORDS[tone]}</span>
          </Button>
        ))}
      </div>
      <div className={styles.filter}>
        <Field
          ref={filter}
          label="Filter by name, id, state, reason or team"
          isLabelUnseen
          type="search"
          placeholder="Filter  /"
          value={words}
          onChange={({ target }) => onWords(target.value)}
          onKeyDown={({ key }) => key === "Escape" && onWords("")}
        />
      </div>
      <Button kind="quiet" onClick={() => setSetting(true)}>Alerts</Button>
      {isSetting && <ThresholdsDialog thresholds={thresholds} onChange={onThresholds} onClose={() => setSetting(false)} />}
    </div>
  );
}
