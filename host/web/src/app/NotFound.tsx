import { Link } from "wouter";

import { Empty } from "../kit/Empty";
import { PAGES } from "./pages";

/** An address that is none. */
export function NotFound() {
  return (
    <Empty title="There is no page at this address">
      There are{" "}
      {PAGES.map(({ path, name }, at) => (
        <span key={path}>{at > 0 && (at < PAGES.length - 1 ? ", " : " and ")}<Link href={path}>{name}</Link></span>
      ))}
      .
    </Empty>
  );
}
