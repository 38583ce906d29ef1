import { useEffect, useRef, useState } from "react";
import type { CallEntry, Client } from "interaction-processor";

import { useProcessor } from "../data/processor";
import { Field } from "../kit/Field";
import { asFailure } from "./hooks/failure";
import { numberOf } from "./logic/search";
import styles from "./SearchBox.module.css";

/** How long typing rests before it counts. */
const REST_MS = 250;

interface SearchBoxProps {
  query: string;
  onQuery: (query: string) => void;
  onOpen: (callId: string) => void;
  /** What the query finds; nothing where it is empty. */
  found: readonly CallEntry[] | undefined;
}

/** What is answered where a word is the id of no call that may be read. */
const NOT_AN_ID = new Set<string>(["call.unknown", "access.denied", "request.invalid"]);

/** One box for everything: an id opens its call, a number or words filter the list. */
export function SearchBox({ query, onQuery, onOpen, found }: SearchBoxProps) {
  const { client } = useProcessor();
  const [text, setText] = useState(query);
  const [note, setNote] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  const told = useRef(query);
  const isSearching = useRef(false);

  // The address may change by itself: back, forward, a link.
  useEffect(() => {
    if (query === told.current) return;
    told.current = query;
    setText(query);
  }, [query]);
  useEffect(() => {
    if (text === told.current) return undefined;
    const timer = setTimeout(() => {
      told.current = text;
      onQuery(text);
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);

  const search = async () => {
    const word = text.trim();
    if (word === "" || !client || isSearching.current) return;
    isSearching.current = true;
    try {
      await client.callJourney(word);
      setText("");
      told.current = "";
      onOpen(word);
    } catch (error) {
      told.current = text;
      onQuery(text);
      // That it is no call's id is no failure: it may be a number or a name.
      const { code, message } = asFailure(error);
      if (!NOT_AN_ID.has(code)) return setNote(message);
      const only = await onlyOne(client, word, text === query ? found : undefined);
      if (only !== undefined) onOpen(only);
    } finally {
      isSearching.current = false;
    }
  };

  return (
    <form
      role="search"
      className={styles.search}
      onSubmit={(event) => {
        event.preventDefault();
        void search();
      }}
    >
      <Field
        ref={input}
        label="Find a call"
        isLabelUnseen
        type="search"
        placeholder="Call id, number, agent   /"
        enterKeyHint="search"
        aria-keyshortcuts="/"
        value={text}
        error={note}
        onChange={({ target }) => {
          setNote(undefined);
          setText(target.value);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") {
            event.preventDefault();
            document.querySelector<HTMLElement>("[data-calls] a")?.focus();
          } else if (event.key === "Escape" && text !== "") {
            event.preventDefault();
            setText("");
          }
        }}
      />
    </form>
  );
}

/** The id of the one call that is meant, where it is one. */
async function onlyOne(client: Client, word: string, found: readonly CallEntry[] | undefined): Promise<string | undefined> {
  const number = numberOf(word);
  const calls = found ?? (number === undefined ? [] : await client.recentCalls({ number, limit: 2 }).catch(() => []));
  return calls.length === 1 ? calls[0]?.CallId : undefined;
}
