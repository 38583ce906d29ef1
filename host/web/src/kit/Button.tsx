import type { ButtonHTMLAttributes, ReactNode } from "react";

import styles from "./Button.module.css";

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled"> {
  kind?: "plain" | "primary" | "quiet" | "danger";
  /** The key that does the same. */
  hotkey?: string | undefined;
  /** Why it cannot be pressed now: it stays in its place, can be focused, and says so. */
  reason?: string | undefined;
  isPressed?: boolean | undefined;
  /** Has the focus when its dialog opens. */
  "data-first-focus"?: boolean;
  children: ReactNode;
}

/** A button. One that is not allowed now keeps its place and tells why. */
export function Button({ kind = "plain", hotkey, reason, isPressed, children, onClick, title, className = "", ...others }: ButtonProps) {
  const isOff = reason !== undefined;
  return (
    <button
      type="button"
      {...others}
      className={`${styles.button} ${styles[kind]} ${className}`}
      aria-disabled={isOff || undefined}
      aria-pressed={isPressed}
      aria-keyshortcuts={hotkey}
      title={reason ?? title}
      onClick={isOff ? (event) => event.preventDefault() : onClick}
    >
      {children}
      {hotkey !== undefined && <kbd className={styles.key} aria-hidden="true">{hotkey}</kbd>}
    </button>
  );
}
