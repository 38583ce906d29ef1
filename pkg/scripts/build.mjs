// node scripts/build.mjs: builds all that the package carries, into dist.
// The engine's modules are built by `cargo xtask build-wasm`, or lie where the variable INTERACTION_WASM says.

import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const at = (...parts) => join(root, ...parts);
/** Each is a folder of what wasm-bindgen wrote for the web. */
const MODULES = ["desk", "simulator"];
/** Entry points of browsers alone: there is no use for them as CommonJS. */
const BROWSERS = ["browser.ts", "simulator-browser.ts", "shared.ts", "shared-worker.ts", "shared-protocol.ts"];

function run(program, ...args) {
  execFileSync(program, args, { cwd: root, stdio: "inherit" });
}

/** The folder of the engine's modules. */
function modules() {
  const given = process.env.INTERACTION_WASM;
  if (given) return resolve(given);
  run("cargo", "xtask", "build-wasm");
  const metadata = execFileSync("cargo", ["metadata", "--format-version", "1", "--no-deps"], { cwd: root, maxBuffer: 1 << 26 });
  return join(JSON.parse(metadata).target_directory, "wasm");
}

rmSync(at("dist"), { recursive: true, force: true });
mkdirSync(at("dist/esm/wasm"), { recursive: true });
mkdirSync(at("src/wasm"), { recursive: true });
const from = modules();
for (const name of MODULES) {
  copyFileSync(join(from, name, `${name}_bg.wasm`), at(`dist/${name}.wasm`));
  for (const file of [`${name}.js`, `${name}.d.ts`]) copyFileSync(join(from, name, file), at("src/wasm", file));
  copyFileSync(at(`src/wasm/${name}.js`), at(`dist/esm/wasm/${name}.js`));
  copyFileSync(at(`src/wasm/${name}.d.ts`), at(`dist/esm/wasm/${name}.d.ts`));
}

run(at("node_modules/.bin/tsc"));

const sources = readdirSync(at("src")).filter((file) => file.endsWith(".ts") && !BROWSERS.includes(file));
await build({
  absWorkingDir: root,
  entryPoints: [...sources.map((file) => `src/${file}`), ...MODULES.map((name) => `src/wasm/${name}.js`)],
  outdir: "dist/cjs",
  outbase: "src",
  format: "cjs",
  platform: "node",
  target: "es2022",
  sourcemap: true,
  define: { "import.meta.url": "importMetaUrl" },
  banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
  logLevel: "warning",
});
writeFileSync(at("dist/cjs/package.json"), '{ "type": "commonjs" }\n');
cpSync(at("dist/esm"), at("dist/cjs"), { recursive: true, filter: (path) => !/\.(js|map)$/.test(path) });
copyFileSync(at("../LICENSE"), at("LICENSE"));
for (const name of MODULES) console.log(`dist/${name}.wasm: ${readFileSync(at(`dist/${name}.wasm`)).length} bytes`);
