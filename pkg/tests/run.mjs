// node tests/run.mjs [--long] [FILE…]: packs the package, installs it into a clean project, and runs the tests there.
// SERVER_UNDER_TEST is the built server, CHROMIUM the browser, WORK a folder to work in.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const tests = dirname(fileURLToPath(import.meta.url));
const pkg = dirname(tests);
const work = resolve(process.env.WORK ?? join(pkg, "../target/npm"));
const project = join(work, "project");
/** Tools the tests use, which no user of the package gets with it. */
const TOOLS = ["playwright-core", "vite", "typescript", "esbuild", "react", "react-dom", "@types"];
const names = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const isLong = process.argv.includes("--long");

rmSync(work, { recursive: true, force: true });
mkdirSync(join(project, "tests"), { recursive: true });
const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", work, "--loglevel=error"], {
  cwd: pkg, stdio: ["ignore", "pipe", "inherit"],
});
const [tarball] = JSON.parse(packed);
console.log(`${tarball.filename}: ${tarball.size} bytes, ${tarball.files.length} files`);
const file = join(work, tarball.filename);
writeFileSync(join(project, "package.json"), '{ "name": "project", "private": true, "type": "module" }\n');
execFileSync("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error", file], {
  cwd: project, stdio: "inherit",
});
for (const tool of TOOLS) symlinkSync(join(pkg, "node_modules", tool), join(project, "node_modules", tool));
cpSync(tests, join(project, "tests"), { recursive: true });
for (const [from, to] of [["README.md", "README.md"], ["../README.md", "MAIN.md"]]) cpSync(join(pkg, from), join(project, to));

const all = readdirSync(tests).filter((name) => name.endsWith(".test.mjs"));
const chosen = all.filter((name) => (names.length > 0 ? names.some((one) => name.includes(one)) : isLong || !name.startsWith("long-")));
const result = spawnSync(process.execPath, [
  "--test", "--test-concurrency=1", "--test-reporter=spec", "--test-timeout=600000", "--test-force-exit", ...chosen.map((name) => join("tests", name)),
], {
  cwd: project, stdio: "inherit",
  env: { ...process.env, TARBALL: file, PKG: pkg, PROJECT: project },
});
process.exit(result.status ?? 1);
