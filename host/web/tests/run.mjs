// node tests/run.mjs [--screenshots] [NAME…]: tries the built pages (dist) in Chromium, against the built server.
// SERVER_UNDER_TEST is the server, CHROMIUM the browser, WORK a folder to work in. With --screenshots only the pictures of the
// documents are made, into docs/images; `screenshots` as a name makes those of every state, into the folder images of WORK.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const tests = dirname(fileURLToPath(import.meta.url));
const root = resolve(tests, "../../..");
const words = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith("--"));
const isForDocuments = words.includes("--screenshots");

if (!existsSync(join(tests, "../dist/index.html"))) {
  console.error("The pages are not built: `cargo xtask build-pages`.");
  process.exit(1);
}
const images = isForDocuments ? join(root, "docs/images") : join(process.env.WORK ?? join(root, "target/pages"), "images");
mkdirSync(images, { recursive: true });

const all = readdirSync(tests).filter((name) => name.endsWith(".test.mjs"));
const wanted = isForDocuments ? ["screenshots"] : names;
const isWanted = (name) => (wanted.length === 0 ? !name.includes("screenshots") : wanted.some((word) => name.includes(word)));
const chosen = all.filter(isWanted);
// Two at a time: what they mostly do is wait.
const result = spawnSync(process.execPath, [
  "--test", "--test-concurrency=2", "--test-reporter=spec", "--test-timeout=240000", ...chosen.map((name) => join(tests, name)),
], { stdio: "inherit", env: { ...process.env, IMAGES: images } });
process.exit(result.status ?? 1);
