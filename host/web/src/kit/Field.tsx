import { useId } from "react";
import type { InputHTMLAttributes, ReactNode, Ref } from "react";

import styles from "./Field.module.css";

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  /** The label is said and not shown. */
  isLabelUnseen?: boolean;
  hint?: ReactNode;
  /** What is wrong with it, and what to do. */
  error?: string | undefined;
  ref?: Ref<HTMLInputElement>;
}

/** One line to type in, with its label, a hint, and what is wrong. */
export function Field({ label, isLabelUnseen = false, hint, error, ref, ...input }: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const note = error ?? hint;
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={isLabelUnseen ? "unseen" : styles.label}>{label}</label>
      <input
        autoComplete="off"
        spellCheck={false}
        {...input}
        ref={ref}
        id={id}
        className={styles.input}
        aria-invalid={error !== undefined || undefined}
        aria-describedby={note === undefined ? undefined : noteId}
      />
      {note !== undefined && (
        <p id={noteId} className={styles.note} data-tone={error === undefined ? undefined : "alarm"} role={error === undefined ? undefined : "alert"}>
          {note}
        </p>
      )}
    </div>
  );
}
