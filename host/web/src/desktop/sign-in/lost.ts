import type { FreshReason } from "interaction-processor";

/** Why a session did not outlive the connection, as the beginning of a sentence. */
export function lostWords(why: FreshReason | "released" | undefined): string {
  return (why !== undefined && WORDS[why]) || "The server was started anew";
}

const WORDS: Record<string, string> = {
  unknown: "The server was started anew",
  expired: "This page was without a connection for longer than the server keeps a session",
  released: "This page was without a connection for longer than the server keeps a session",
  gap: "This page missed more than the server could tell it afterwards",
  instance: "Another server took over",
};
