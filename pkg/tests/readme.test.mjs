// Every piece of code in the READMEs of the package and the project is compiled strictly, and runs against the real server.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { transformSync } from "esbuild";

import { openBrowser, serve } from "./support/pages.mjs";
import { Processor, eventually } from "./support/processor.mjs";

const { PKG, PROJECT } = process.env;
const text = ["README.md", "MAIN.md"].map((file) => readFileSync(join(PROJECT, file), "utf8")).join("\n");
const code = [...text.matchAll(/```(tsx?)\n([^]*?)```/g)].map(([, language, source]) => ({ language, source }));
const about = (words) => code.find(({ source }) => words.every((word) => source.includes(word))).source;

let processor, still;
before(async () => {
  processor = await Processor.start({ scenario: "small", speed: 10 });
  // Where nobody calls: an agent who signs in has no call that is to end first.
  still = await Processor.start();
});
after(async () => {
  await processor?.stop();
  await still?.stop();
});

/** Runs a program of the README with some lines more, until it has said `words`. */
async function says(source, words, more = "", { directUrl } = processor) {
  const { code } = transformSync(source.replaceAll("ws://127.0.0.1:8430/v1/ws", directUrl) + more, { loader: "ts", format: "esm" });
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { cwd: PROJECT });
  let said = "";
  child.stdout.on("data", (data) => (said += data));
  child.stderr.on("data", (data) => (said += data));
  try {
    await eventually(() => {
      assert.ok(child.exitCode === null || words.test(said), said);
      return words.test(said);
    }, `${words} in ${said}`);
  } finally {
    child.kill();
  }
}

test("everything compiles", () => {
  mkdirSync(join(PROJECT, "readme"), { recursive: true });
  const files = code.map(({ language, source }, n) => {
    writeFileSync(join(PROJECT, "readme", `${n}.${language}`), source);
    return `${n}.${language}`;
  });
  assert.ok(files.length >= 5);
  const compilerOptions = {
    strict: true, noEmit: true, target: "es2022", lib: ["es2023", "esnext.disposable", "dom", "dom.iterable"], module: "esnext",
    moduleResolution: "bundler", jsx: "react-jsx", types: [],
  };
  writeFileSync(join(PROJECT, "readme/tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  try {
    execFileSync(process.execPath, [join(PROJECT, "node_modules/typescript/bin/tsc"), "-p", "readme"], { cwd: PROJECT, encoding: "utf8" });
  } catch (error) {
    assert.fail(error.stdout);
  }
});

test("ten lines are a live roster", () => says(about(["const roster"]), /Sales \d+ ready\n[^]*Sales \d+ ready/));

test("the project's README shows another", () => says(about(["wallboard", "resumed"]), /Sales \d+ ready/));

test("ten lines are an agent session", () =>
  says(about(["desktop"]), /state READY/, 'session.on("channel.infochanged", ({ data }) => console.log("state", data.channel.availability.state)); console.log("state", session.channels[0].availability.state);', still));

test("the simulated centre is there, fails, and is resumed", () =>
  says(about(["simulate"]), /resumed/, 'client.on("resumed", () => { console.log("resumed"); client.close(); centre.close(); });'));

test("what the application hears is told", () => says(about(["resnapshotted"]), /reconnecting[^]*request\.deadline/));

test("the page in examples shows a roster and an agent's desktop", async (t) => {
  const pages = await serve({ "/examples/": join(PKG, "examples"), "/dist/": join(PROJECT, "node_modules/interaction-processor/dist") });
  const browser = await openBrowser();
  t.after(async () => (await browser.close(), pages.close()));
  const page = await browser.open(`${pages.origin}/examples/centre.html`);
  await page.waitForSelector("#teams td");
  await page.click("text=Sign in");
  const state = page.locator("#desk .who").first();
  const before = await state.textContent();
  await page.locator("#desk button:enabled:text-matches('^(Not r|R)eady$')").first().click();
  await eventually(async () => (await state.textContent()) !== before, "the desktop follows");
  await page.click("#cut");
  await page.waitForSelector("#log li:has-text('all have come')");
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(PROJECT, `centre-${colorScheme}.png`), fullPage: true });
  }
  assert.deepEqual(browser.errors, []);
});
