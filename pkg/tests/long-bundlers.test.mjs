// Bundlers and runtimes beyond those of the short run, and what other tools say of the package. They are installed for it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { openBrowser, serve } from "./support/pages.mjs";
import { Processor } from "./support/processor.mjs";

const { PKG, PROJECT, TARBALL } = process.env;
const folder = join(PROJECT, "bundlers");
const at = (...parts) => join(folder, ...parts);
const main = (url, init = "") => `import { connect, init } from "interaction-processor";
await init(${init});
const client = connect({ url: ${url} });
const roster = await client.teamStatus("1001").ready();
document.title = String([...roster.members()].length);
client.close();
`;
const FROM_PAGE = 'new URLSearchParams(location.search).get("url")';
const html = (script) => `<!doctype html><title>loading</title><link rel="icon" href="data:,"><script type="module" src="${script}"></script>`;

let pages, processor, browser;
before(async () => {
  mkdirSync(folder, { recursive: true });
  cpSync(join(PKG, "tests/bundlers"), folder, { recursive: true });
  execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--loglevel=error"], { cwd: folder, stdio: "inherit" });
  execFileSync("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--loglevel=error", TARBALL], { cwd: folder, stdio: "inherit" });
  pages = await serve({ "/": folder });
  processor = await Processor.start({ origin: pages.origin });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await processor?.stop();
  pages?.close();
  assert.deepEqual(browser?.errors, []);
});

async function shows(path) {
  const page = await browser.open(`${pages.origin}/${path}?url=${encodeURIComponent(processor.url)}`);
  await page.waitForFunction(() => document.title !== "loading");
  assert.equal(await page.title(), "11");
  await page.close();
}

const run = (program, ...args) => execFileSync(program, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: 300_000 });

test("webpack", async () => {
  writeFileSync(at("webpack.js"), main(FROM_PAGE));
  writeFileSync(at("webpack.config.mjs"), `export default {
    mode: "production", entry: "./webpack.js", output: { path: ${JSON.stringify(at("webpack-out"))}, filename: "main.js", publicPath: "auto", module: true },
    experiments: { outputModule: true }, performance: { hints: "error", maxAssetSize: 1e6, maxEntrypointSize: 2e5 },
  };\n`);
  run(process.execPath, "-e", `import("webpack").then(async ({ default: webpack }) => {
    const { default: config } = await import(${JSON.stringify(at("webpack.config.mjs"))});
    webpack(config, (error, stats) => { if (error || stats.hasErrors()) { console.error(error ?? stats.toString()); process.exit(1); } });
  })`);
  writeFileSync(at("webpack-out/index.html"), html("main.js"));
  await shows("webpack-out/");
});

test("esbuild, with the engine's file beside the program", async () => {
  writeFileSync(at("esbuild.js"), main(FROM_PAGE, '"desk.wasm"'));
  const { build } = await import("esbuild");
  await build({ absWorkingDir: folder, entryPoints: ["esbuild.js"], outfile: "esbuild-out/main.js", bundle: true, format: "esm", target: "es2022", minify: true, logLevel: "error" });
  copyFileSync(at("node_modules/interaction-processor/dist/desk.wasm"), at("esbuild-out/desk.wasm"));
  writeFileSync(at("esbuild-out/index.html"), html("main.js"));
  await shows("esbuild-out/");
});

test("rollup, with the engine's file beside the program", async () => {
  writeFileSync(at("rollup.js"), main(FROM_PAGE, '"desk.wasm"'));
  run(process.execPath, "--input-type=module", "-e", `
    import { rollup } from "rollup"; import resolve from "@rollup/plugin-node-resolve";
    const bundle = await rollup({ input: "rollup.js", plugins: [resolve({ browser: true })] });
    await bundle.write({ dir: "rollup-out", format: "es", entryFileNames: "main.js" });`);
  copyFileSync(at("node_modules/interaction-processor/dist/desk.wasm"), at("rollup-out/desk.wasm"));
  writeFileSync(at("rollup-out/index.html"), html("main.js"));
  await shows("rollup-out/");
});

test("Bun and Deno", () => {
  const code = `import { connect } from "interaction-processor";
const client = connect({ url: ${JSON.stringify(processor.directUrl)} });
console.log([...(await client.teamStatus("1001").ready()).members()].length);
client.close();\n`;
  writeFileSync(at("runtime.mjs"), code);
  run(process.execPath, at("node_modules/bun/install.js"));
  assert.equal(run(at("node_modules/.bin/bun"), "runtime.mjs").trim(), "11");
  run(process.execPath, at("node_modules/deno/install_api.cjs"));
  assert.equal(run(at("node_modules/.bin/deno"), "run", "--allow-net", "--allow-read", "--allow-env", "--node-modules-dir=manual", "runtime.mjs").trim(), "11");
});

test("Next, on its server and in its pages", { timeout: 600_000 }, async () => {
  mkdirSync(at("app"), { recursive: true });
  writeFileSync(at("next.config.mjs"), 'export default { output: "export", basePath: "/out", serverExternalPackages: ["interaction-processor"] };\n');
  writeFileSync(at("app/layout.js"), "export default function Layout({ children }) { return <html><body>{children}</body></html>; }\n");
  // Rendered on the server while it is built, with data from the processor.
  writeFileSync(at("app/page.js"), `import { connect } from "interaction-processor";
import Live from "./live";
export default async function Page() {
  const client = connect({ url: ${JSON.stringify(processor.directUrl)} });
  const size = [...(await client.teamStatus("1001").ready()).members()].length;
  client.close();
  return <><p id="server">{size}</p><Live url={${JSON.stringify(processor.url)}} /></>;
}\n`);
  writeFileSync(at("app/live.js"), `"use client";
import { useEffect, useState } from "react";
import { connect, init } from "interaction-processor";
export default function Live({ url }) {
  const [size, setSize] = useState();
  useEffect(() => {
    let client;
    void init().then(async () => {
      client = connect({ url });
      setSize([...(await client.teamStatus("1001").ready()).members()].length);
    });
    return () => client?.close();
  }, [url]);
  return <p id="client">{size}</p>;
}\n`);
  execFileSync(at("node_modules/.bin/next"), ["build"], { cwd: folder, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", CI: "1" } });
  const page = await browser.open(`${pages.origin}/out/index.html`);
  assert.equal(await page.textContent("#server"), "11");
  await page.waitForFunction(() => document.querySelector("#client").textContent === "11");
  await page.close();
});

test("publint and are-the-types-wrong find nothing", () => {
  const found = run(process.execPath, "--input-type=module", "-e", `
    import { publint } from "publint"; import { formatMessage } from "publint/utils";
    import { readFileSync } from "node:fs";
    const pkgDir = ${JSON.stringify(at("node_modules/interaction-processor"))};
    const { messages } = await publint({ pkgDir, strict: true, pack: false });
    const pkg = JSON.parse(readFileSync(pkgDir + "/package.json", "utf8"));
    for (const message of messages) console.log(formatMessage(message, pkg));`);
  assert.equal(found.trim(), "");
  const wrong = run(process.execPath, "--input-type=module", "-e", `
    import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core"; import { readFileSync } from "node:fs";
    const result = await checkPackage(createPackageFromTarballData(readFileSync(${JSON.stringify(TARBALL)})));
    // Pages alone have a SharedWorker, and no CommonJS; nor has anybody who still resolves as Node 10 did sub-paths.
    const isExpected = ({ kind, entrypoint, resolutionKind }) =>
      resolutionKind === "node10" || (kind === "CJSResolvesToESM" && /shared/.test(entrypoint)) || /wasm|package.json/.test(entrypoint ?? "");
    for (const problem of result.problems.filter((problem) => !isExpected(problem))) console.log(JSON.stringify(problem));`);
  assert.equal(wrong.trim(), "");
});
