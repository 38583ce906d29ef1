import type { ReactNode } from "react";

import styles from "./Notice.module.css";

interface NoticeProps {
  tone: "plain" | "away" | "alarm" | "busy";
  /** Said at once by screen readers; others when they have time. */
  isUrgent?: boolean;
  children: ReactNode;
  action?: ReactNode;
}

/** A line that says what is the matter, and what can be done. */
export function Notice({ tone, isUrgent = false, children, action }: NoticeProps) {
  return (
    <div className={styles.notice} data-tone={tone} role={isUrgent ? "alert" : "status"}>
      <div className={styles.text}>{children}</div>
      {action}
    </div>
  );
}
