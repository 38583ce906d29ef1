import type { ReactNode } from "react";

import styles from "./Empty.module.css";

/** Where there is nothing: why, and what fills it. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <p className={styles.title}>{title}</p>
      {children !== undefined && <div className={styles.text}>{children}</div>}
      {action}
    </div>
  );
}

/** Where something is on its way; what it will be stands in `label`. */
export function Loading({ label, rows = 3 }: { label: string; rows?: number }) {
  return (
    <div className={styles.loading} role="status">
      <span className="unseen">{label}</span>
      {Array.from({ length: rows }, (_, row) => <div key={row} className={styles.bar} style={{ inlineSize: `${90 - 17 * (row % 4)}%` }} />)}
    </div>
  );
}
