// The pages' own logic, as it is written: for tests of what needs no browser.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "vite";

const SOURCES = resolve(dirname(fileURLToPath(import.meta.url)), "../../src");

/** The module at that path below `src`. */
export async function load(path) {
  const [{ output }] = await build({
    configFile: false, logLevel: "silent",
    build: { write: false, minify: false, target: "es2022", lib: { entry: join(SOURCES, path), formats: ["es"] } },
  });
  const folder = mkdtempSync(join(tmpdir(), "source-"));
  try {
    const file = join(folder, "module.mjs");
    writeFileSync(file, output[0].code);
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
