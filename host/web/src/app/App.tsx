import { Suspense, lazy, useEffect, useState } from "react";
import { Redirect, Route, Switch, useLocation, useSearchParams } from "wouter";

import { Loading } from "../kit/Empty";
import { Boundary } from "./Boundary";
import { ConnectionNotice } from "./ConnectionNotice";
import { Help } from "./Help";
import { TopBar } from "./TopBar";
import { NotFound } from "./NotFound";
import { PAGES, pageAt } from "./pages";
import styles from "./App.module.css";

const Wallboard = lazy(() => import("../wallboard/Wallboard"));
const Journeys = lazy(() => import("../journey/Journeys"));
const Desktop = lazy(() => import("../desktop/Desktop"));

/** The frame of all pages, and which page stands in it. */
export function App() {
  const [location] = useLocation();
  const [search] = useSearchParams();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const page = pageAt(location);
  const isKiosk = search.has("kiosk");

  useEffect(() => {
    document.title = page ? `${page.name} · Interaction processor` : "Interaction processor";
  }, [page]);
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key === "?" && !isTyping) setHelpOpen(true);
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);

  return (
    <>
      <a className={styles.skip} href="#main">Skip to the content</a>
      {!isKiosk && <TopBar page={page} onHelp={() => setHelpOpen(true)} />}
      <ConnectionNotice />
      <main id="main" tabIndex={-1} className={styles.main}>
        <Boundary key={page?.path}>
          <Suspense fallback={<Loading label="The page is loading" rows={6} />}>
            <Switch>
              <Route path="/"><Redirect to={PAGES[0].path} replace /></Route>
              <Route path="/wallboard" component={Wallboard} />
              <Route path="/journey" component={Journeys} />
              <Route path="/journey/:callId" component={Journeys} />
              <Route path="/desktop" component={Desktop} />
              <Route component={NotFound} />
            </Switch>
          </Suspense>
        </Boundary>
      </main>
      {isHelpOpen && <Help page={page} onClose={() => setHelpOpen(false)} />}
    </>
  );
}
