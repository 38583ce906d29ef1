import { useId, useRef } from "react";
import type { KeyboardEvent, ReactNode } from "react";

import { Button } from "./Button";
import styles from "./Menu.module.css";

export interface MenuItem {
  key: string;
  label: ReactNode;
  onChoose: () => void;
  isChosen?: boolean;
  /** Why it cannot be chosen now. */
  reason?: string | undefined;
}

interface MenuProps {
  label: ReactNode;
  kind?: "plain" | "primary" | "quiet" | "danger";
  hotkey?: string | undefined;
  reason?: string | undefined;
  items: readonly MenuItem[];
  /** Said of the button where its label is no words. */
  name?: string;
  /** The act whose key opens it. */
  keyAct?: string;
}

/** A button that opens a list of choices beneath it. Arrows go through them, digits take the first nine. */
export function Menu({ label, kind = "plain", hotkey, reason, items, name, keyAct }: MenuProps) {
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  const buttons = () => [...(list.current?.querySelectorAll("button") ?? [])];
  const choose = (item: MenuItem) => {
    if (item.reason !== undefined) return;
    list.current?.hidePopover();
    item.onChoose();
  };
  const key = (event: KeyboardEvent) => {
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
    const step = steps[event.key];
    if (step !== undefined) all.at(step % all.length)?.focus();
    else if (/^[1-9]$/.test(event.key) && items[Number(event.key) - 1]) choose(items[Number(event.key) - 1] as MenuItem);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <span className={styles.menu}>
      <Button kind={kind} hotkey={hotkey} reason={reason} popoverTarget={reason === undefined ? id : undefined} aria-haspopup="menu" aria-label={name} data-key-act={keyAct} className={styles.button}>
        {label}
      </Button>
      <ul
        ref={list}
        id={id}
        popover="auto"
        role="menu"
        className={styles.list}
        onKeyDown={key}
      >
        {items.map((item, at) => (
          <li key={item.key} role="none">
            <button
              ref={at === 0 ? focusedFirst : undefined}
              type="button"
              role={item.isChosen === undefined ? "menuitem" : "menuitemradio"}
              aria-checked={item.isChosen}
              aria-disabled={item.reason !== undefined || undefined}
              title={item.reason}
              className={styles.item}
              onClick={() => choose(item)}
            >
              <bdi>{item.label}</bdi>
              {at < 9 && <kbd aria-hidden="true">{at + 1}</kbd>}
            </button>
          </li>
        ))}
      </ul>
    </span>
  );
}

/** The browser gives it the focus in the moment in which the list is shown: a digit that follows the key at once is not lost. */
function focusedFirst(button: HTMLButtonElement | null): void {
  button?.setAttribute("autofocus", "");
}
