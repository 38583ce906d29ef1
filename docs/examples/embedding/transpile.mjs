// node transpile.mjs COMPONENT [FOLDER]: makes of a component what Node runs, in `engine/` beside this file or in FOLDER.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transpile } from "@bytecodealliance/jco-transpile";

const [component, folder = fileURLToPath(new URL("engine", import.meta.url))] = process.argv.slice(2);
const { files } = await transpile(component, { name: "engine", noTypescript: true });
for (const [name, bytes] of Object.entries(files)) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), bytes);
}
