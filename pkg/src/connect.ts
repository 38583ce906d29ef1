import { Client } from "./client.js";
import type { ConnectOptions } from "./client.js";
import { usualTransport } from "./engine.js";
import { failure } from "./errors.js";
import { Hub } from "./hub.js";
import type { DeskConfig } from "./wasm/desk.js";

/** Connects to an interaction processor, and stays connected until the client is closed. Returns at once. */
export function connect(options: ConnectOptions): Client {
  const { token, transport = usualTransport(), signal } = options;
  const hub = new Hub({ config: configuration(options), transport, token, lingerMs: 0 });
  return new Client((tell) => hub.attach(tell), signal);
}

/** The engine's configuration. */
export function configuration({ url = ownServer(), name, id, token, serviceType }: ConnectOptions): DeskConfig {
  return {
    urls: typeof url === "string" ? [url] : [...url],
    client: { ...(name === undefined ? {} : { name }), ...(id === undefined ? {} : { id }) },
    token: token !== undefined,
    ...(serviceType === undefined ? {} : { serviceType }),
  };
}

/** The server a page came from. */
function ownServer(): string {
  const { location } = globalThis as Partial<typeof globalThis>;
  if (!location) throw failure("config.invalid", "`url` is missing: name the server's address, such as wss://processor.example/v1/ws.");
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/v1/ws`;
}
