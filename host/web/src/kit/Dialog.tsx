import { useEffect, useId, useRef } from "react";
import type { ReactNode } from "react";

import { Button } from "./Button";
import styles from "./Dialog.module.css";

interface DialogProps {
  title: ReactNode;
  onClose: () => void;
  children: ReactNode;
  /** What can be done, the usual one last. */
  actions?: ReactNode;
}

/** Something that has to be looked at before anything else. Escape closes it; the focus returns to where it was. */
export function Dialog({ title, onClose, children, actions }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    // The browser's own choice would be the first button.
    shown?.querySelector<HTMLElement>("[data-first-focus]")?.focus();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className={styles.body}>
        <h2 id={titleId} className={styles.title}>{title}</h2>
        {children}
        <div className={styles.actions}>{actions ?? <Button kind="primary" onClick={onClose} data-first-focus>Close</Button>}</div>
      </div>
    </dialog>
  );
}
