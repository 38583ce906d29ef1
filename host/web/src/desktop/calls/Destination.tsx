import { useEffect, useId, useRef, useState } from "react";
import type { KeyboardEvent } from "react";

import { Button } from "../../kit/Button";
import { StateMark } from "../../kit/StateMark";
import { useDesk } from "../desk";
import { suggestionsOf } from "../logic/suggestions";
import styles from "./Destination.module.css";

interface DestinationProps {
  label: string;
  submit: string;
  /** Why nothing can be sent now. */
  why: string | undefined;
  onChoose: (destination: string) => void;
  /** Where it can be put away. */
  onClose?: () => void;
}

/** A number, or a colleague: what is typed is looked for among the teams' members, whose state is shown. */
export function Destination({ label, submit, why, onChoose, onClose }: DestinationProps) {
  const { roster, session } = useDesk();
  const [typed, setTyped] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => {
    if (onClose) field.current?.focus();
  }, []);
  const found = isOpen ? suggestionsOf(roster, session.agentId, typed) : [];
  const destination = typed.trim();
  const choose = (chosen: string) => {
    setTyped(chosen);
    setOpen(false);
    setAt(-1);
    field.current?.focus();
  };
  const key = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && found.length > 0) {
      setAt((at + step + found.length + (at < 0 && step < 0 ? 1 : 0)) % found.length);
    } else if (step !== undefined) {
      setOpen(true);
    } else if (event.key === "Enter" && found[at]) {
      choose(found[at].memberId);
    } else if (event.key === "Escape" && found.length > 0) {
      setOpen(false);
      setAt(-1);
    } else if (event.key === "Escape" && onClose) {
      onClose();
    } else {
      return;
    }
    event.preventDefault();
  };
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (destination === "" || why !== undefined) return;
        setOpen(false);
        onChoose(destination);
        if (!onClose) setTyped("");
      }}
      onBlur={({ currentTarget, relatedTarget }) => currentTarget.contains(relatedTarget) || setOpen(false)}
    >
      <label htmlFor={id} className={styles.label}>{label}</label>
      <div className={styles.row}>
        <input
          ref={field}
          id={id}
          className={styles.input}
          role="combobox"
          aria-expanded={found.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={found[at] ? `${id}-${at}` : undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder="Number or name"
          value={typed}
          onFocus={() => setOpen(true)}
          onClick={() => setOpen(true)}
          onChange={({ target }) => {
            setTyped(target.value);
            setOpen(true);
            setAt(-1);
          }}
          onKeyDown={key}
        />
        <Button type="submit" kind={onClose ? "primary" : "plain"} reason={why ?? (destination === "" ? "Enter a number or choose somebody" : undefined)}>{submit}</Button>
        {onClose && <Button kind="quiet" onClick={onClose}>Cancel</Button>}
      </div>
      <ul id={`${id}-list`} role="listbox" aria-label="Colleagues" className={styles.list} hidden={found.length === 0}>
        {found.map(({ memberId, memberName, state }, place) => (
          <li
            key={memberId}
            id={`${id}-${place}`}
            role="option"
            aria-selected={place === at}
            className={styles.option}
            // Before the field loses the focus.
            onPointerDown={(event) => {
              event.preventDefault();
              choose(memberId);
            }}
          >
            <span className={styles.name}><bdi>{memberName}</bdi> <bdi className={styles.id}>{memberId}</bdi></span>
            <StateMark state={state} />
          </li>
        ))}
      </ul>
    </form>
  );
}
