// The page's one client: all tabs share its link where the browser can, so that a reload loses nothing.

import { createContext, useCallback, useContext, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import type { Client, Connection, Service } from "interaction-processor";

import { setAhead } from "./clock";
import { whereabouts } from "./whereabouts";

interface Processor {
  client: Client | undefined;
  /** What kept the engine from being loaded. */
  problem: string | undefined;
  /** Connects anew with a token, which is kept in memory alone. */
  authenticate(token: string): void;
}

const Context = createContext<Processor | undefined>(undefined);

async function open(token: string | undefined): Promise<Client> {
  // Who connects, for people: it stands in take-over questions and the audit trail.
  const options = { name: `pages, ${whereabouts(navigator)}`, ...(token === undefined ? {} : { token }) };
  if (globalThis.isSecureContext && "SharedWorker" in globalThis) {
    const { connect } = await import("interaction-processor/shared");
    return connect(options);
  }
  const { connect, init } = await import("interaction-processor");
  await init();
  return connect(options);
}

export function ProcessorProvider({ children }: { children: ReactNode }) {
  const [token, setToken] = useState<string>();
  const [client, setClient] = useState<Client>();
  const [problem, setProblem] = useState<string>();

  useEffect(() => {
    let opened: Client | undefined;
    let isOver = false;
    open(token).then(
      (made) => {
        if (isOver) return made.close();
        opened = made;
        made.on("connection", (now) => now.state === "live" && setAhead(now.clockAheadMs));
        setClient(made);
      },
      (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      isOver = true;
      opened?.close();
      setClient(undefined);
    };
  }, [token]);

  const authenticate = useCallback((given: string) => setToken(given), []);
  const processor = useMemo(() => ({ client, problem, authenticate }), [client, problem, authenticate]);
  return <Context value={processor}>{children}</Context>;
}

export function useProcessor(): Processor {
  const processor = useContext(Context);
  if (!processor) throw new Error("a ProcessorProvider is missing");
  return processor;
}

const IDLE: Connection = { state: "idle" };

/** How the connection is, from before there is a client. */
export function useConnectionState(): Connection {
  const { client } = useProcessor();
  return useSyncExternalStore(
    useCallback((changed: () => void) => client?.on("connection", changed) ?? (() => {}), [client]),
    () => client?.connection ?? IDLE,
  );
}

const NO_SERVICES: readonly Service[] = [];

/** The processor as a service: whether its platform is there, and whose it is. */
export function useService(): Service | undefined {
  const { client } = useProcessor();
  const services = useSyncExternalStore(
    useCallback((changed: () => void) => client?.on("services", changed) ?? (() => {}), [client]),
    () => client?.services ?? NO_SERVICES,
  );
  return services[0];
}
