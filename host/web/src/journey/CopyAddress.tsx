import { useEffect, useRef, useState } from "react";

import { Button } from "../kit/Button";
import { Dialog } from "../kit/Dialog";
import { Field } from "../kit/Field";
import styles from "./CopyAddress.module.css";

const TOLD_MS = 3_000;

/** Copies the address of what is shown. Where the browser does not permit it, it shows the address to copy by hand. */
export function CopyAddress({ address }: { address: string }) {
  const [said, setSaid] = useState("");
  const [isShown, setShown] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    try {
      // Absent where the page came without TLS from another machine.
      await navigator.clipboard.writeText(address);
      setSaid("Address copied");
      clearTimeout(timer.current);
      timer.current = setTimeout(() => setSaid(""), TOLD_MS);
    } catch {
      setShown(true);
    }
  };
  return (
    <div className={styles.copy}>
      <span role="status" className={styles.said}>{said}</span>
      <Button onClick={() => void copy()} title={address}>Copy address</Button>
      {isShown && (
        <Dialog title="The address of this call" onClose={() => setShown(false)}>
          <Field label="Address" isLabelUnseen readOnly value={address} hint="This browser lets no page copy here: it is selected, copy it with Ctrl+C." onFocus={({ target }) => target.select()} autoFocus />
        </Dialog>
      )}
    </div>
  );
}
