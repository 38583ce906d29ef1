import { Dialog } from "../kit/Dialog";
import type { PageInfo } from "./pages";
import styles from "./Help.module.css";

/** The keys of a page. */
export function Help({ page, onClose }: { page: PageInfo | undefined; onClose: () => void }) {
  const keys = [...(page?.keys ?? []), { keys: "Tab", does: "Go through everything that can be used" }, { keys: "?", does: "This help" }];
  return (
    <Dialog title={page ? `Keys of the ${page.name.toLowerCase()} page` : "Keys"} onClose={onClose}>
      <dl className={styles.keys}>
        {keys.map(({ keys, does }) => (
          <div key={keys} className={styles.row}>
            <dt>{keys.split(" ").map((key) => <kbd key={key}>{key}</kbd>)}</dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
