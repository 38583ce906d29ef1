import { useState } from "react";

import { useProcessor } from "../data/processor";
import { Button } from "../kit/Button";
import { Field } from "../kit/Field";
import styles from "./TokenForm.module.css";

/** Asks for the token a server wants. It is kept in this page's memory and nowhere else. */
export function TokenForm({ message }: { message: string }) {
  const { authenticate } = useProcessor();
  const [token, setToken] = useState("");
  const given = token.trim();
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (given !== "") authenticate(given);
      }}
    >
      <h2>This server asks for a token</h2>
      <p>{message}</p>
      <Field
        label="Token"
        type="password"
        value={token}
        onChange={({ target }) => setToken(target.value)}
        hint="Your administrator makes one with `interaction-processor token new`. It is kept until this page is closed."
      />
      <Button kind="primary" type="submit" reason={given === "" ? "Enter the token first" : undefined}>Connect</Button>
    </form>
  );
}
