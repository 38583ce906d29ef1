import { useState } from "react";

import { Button } from "../../kit/Button";
import { Notice } from "../../kit/Notice";

/** The desktop is open in another tab, too: nothing is wrong with that. */
export function OtherTabs() {
  const [isSeen, setSeen] = useState(false);
  if (isSeen) return null;
  return (
    <Notice tone="plain" action={<Button kind="quiet" onClick={() => setSeen(true)}>Fine</Button>}>
      This desktop is open in another tab too; both show the same, and either may be used.
    </Notice>
  );
}
