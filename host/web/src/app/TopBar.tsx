import { Link } from "wouter";

import { useService } from "../data/processor";
import { Button } from "../kit/Button";
import { ConnectionState } from "./ConnectionState";
import { PAGES } from "./pages";
import type { PageInfo } from "./pages";
import { ThemeMenu } from "./ThemeMenu";
import icon from "./icon.svg";
import styles from "./TopBar.module.css";

/** Product, pages, connection, theme, help. */
export function TopBar({ page, onHelp }: { page: PageInfo | undefined; onHelp: () => void }) {
  const domain = useService()?.info["instance-domain"];
  return (
    <header className={styles.bar}>
      <span className={styles.product}>
        <img src={icon} alt="" width="20" height="20" />
        <span className={styles.name}>Interaction processor</span>
      </span>
      <nav aria-label="Pages" className={styles.pages}>
        {PAGES.map(({ path, name }) => (
          <Link key={path} href={path} className={styles.page ?? ""} aria-current={page?.path === path ? "page" : undefined}>{name}</Link>
        ))}
      </nav>
      <div className={styles.right}>
        <ConnectionState domain={domain} />
        <ThemeMenu />
        <Button kind="quiet" onClick={onHelp} title="Keys and help (?)" aria-label="Keys and help">?</Button>
      </div>
    </header>
  );
}
