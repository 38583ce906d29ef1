// docs/first-steps.md, step by step: what it says to type and to press is typed and pressed here.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";

import { closeAll, openBrowser } from "./support/browser.mjs";
import { eventually } from "./support/server.mjs";

const root = resolve(import.meta.dirname, "../../..");
const guide = readFileSync(join(root, "docs/first-steps.md"), "utf8");
/** The guide's ports are taken by nobody but its reader. */
let port;
let demo;
let said = "";

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function start() {
  said = "";
  demo = spawn(process.env.SERVER_UNDER_TEST, ["demo", "--port", String(port), "--speed", "4"], { stdio: ["ignore", "pipe", "inherit"] });
  demo.stdout.on("data", (text) => (said += text));
  await eventually(() => said.includes("Ctrl-C stops it"), "the demonstration greets");
}

async function stop() {
  const ended = new Promise((done) => demo.once("exit", done));
  demo.kill("SIGINT");
  await ended;
}

before(async () => {
  port = await freePort();
  await start();
});
after(async () => {
  demo.kill("SIGKILL");
  await closeAll();
});

/** The blocks of a language in the guide, in their order. */
function blocks(language) {
  return [...guide.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, text]) => text);
}

const at = (path) => `http://127.0.0.1:${port}${path}`;

describe("first steps", () => {
  test("1: the demonstration prints where its pages are, as the guide says", () => {
    for (const [, address] of guide.matchAll(/<http:\/\/127\.0\.0\.1:8430([^>]+)>/g)) {
      assert.ok(said.includes(at(address)), `${address} is not in\n${said}`);
    }
  });

  test("2: look as a supervisor", async () => {
    const page = await (await openBrowser()).open(at("/wallboard?agent=1000"));
    const rows = page.getByRole("table", { name: /members?$/ }).getByRole("row");
    await eventually(async () => (await rows.count()) > 8, "the people");
    for (const name of ["Teams", "Queues"]) await page.getByLabel(name).first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("lunch");
    await eventually(async () => {
      const texts = await rows.allTextContents();
      return texts.length > 1 && texts.slice(1).every((text) => /lunch/i.test(text));
    }, "only lunch is left");
    await page.keyboard.press("Escape");
    await page.getByRole("group", { name: "Only one state" }).getByRole("button", { name: "Not ready" }).click();
    await eventually(async () => (await rows.allTextContents()).slice(1).every((text) => text.includes("Not ready")), "only not ready is left");
    await page.getByRole("button", { name: "Alerts" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: /Keys/ }).getByRole("button", { name: "Close" }).click();
    await stop();
    await page.getByText(/Showing what was known at/).waitFor();
    assert.ok((await rows.count()) > 1, "it goes on showing what it knew");
    await start();
    await page.getByText(/everything was read anew/).waitFor({ timeout: 40_000 });
    await page.goto(`${at("/wallboard?agent=1000")}&kiosk`);
    await page.getByRole("heading", { level: 1 }).waitFor();
  });

  test("3: be an agent", async () => {
    const signIn = async (page) => {
      await page.getByLabel(/^Agent/).fill("2001");
      await page.getByLabel("Password").fill("2001");
      await page.keyboard.press("Enter");
    };
    const page = await (await openBrowser()).open(at("/desktop"));
    await signIn(page);
    await page.getByRole("button", { name: /^Ready/ }).waitFor();
    const may = async (name) => {
      const button = page.getByRole("button", { name });
      return (await button.count()) > 0 && (await button.first().getAttribute("aria-disabled")) === null;
    };
    await eventually(async () => {
      if (await may(/^Answer/)) return true;
      if (await may(/^Hang up/)) await page.keyboard.press("F8");
      else if (await may(/^Ready/)) await page.keyboard.press("F9");
      await page.waitForTimeout(200);
      return false;
    }, "a call comes", 60_000);
    await page.keyboard.press("F4");
    await eventually(() => may(/^Hold/), "it is answered");
    const other = await (await openBrowser()).open(at("/desktop"));
    await signIn(other);
    await other.getByRole("dialog").getByText(/2001/).first().waitFor();
  });

  test("4: see where a call has been", async () => {
    const page = await (await openBrowser()).open(at("/journey"));
    await page.getByRole("link", { name: /running/i }).first().click();
    await page.waitForURL(/\/journey\/.+/);
    // Its head, and where it has been first: calls among agents come by no trigger.
    await page.getByRole("table").getByRole("row").nth(1).waitFor();
  });

  test("5: your own page", async () => {
    const folder = mkdtempSync(join(tmpdir(), "my-page-"));
    let vite;
    try {
      // The guide's commands, but for what is built already.
      const pack = ["pack", "--json", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder];
      const [{ filename }] = JSON.parse(execFileSync("npm", pack, { cwd: join(root, "pkg"), encoding: "utf8" }));
      assert.ok(guide.includes(`npm install ../pkg/${filename}`), filename);
      execFileSync("npm", ["init", "-y", "--loglevel=error"], { cwd: folder, stdio: "ignore" });
      execFileSync("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error", filename], { cwd: folder });
      symlinkSync(join(root, "host/web/node_modules/vite"), join(folder, "node_modules/vite"));
      writeFileSync(join(folder, "index.html"), blocks("html")[0]);
      const [main, config] = blocks("js");
      writeFileSync(join(folder, "main.js"), main);
      writeFileSync(join(folder, "vite.config.mjs"), config.replaceAll("8430", String(port)));
      const own = await freePort();
      vite = spawn(process.execPath, ["node_modules/vite/bin/vite.js", "--host", "127.0.0.1", "--port", String(own)], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
      await eventually(() => fetch(`http://127.0.0.1:${own}/`).then(({ ok }) => ok, () => false), "the page is served");
      const page = await (await openBrowser()).open(`http://127.0.0.1:${own}/`);
      await page.getByRole("listitem").first().waitFor();
      assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), "Who is ready?");
    } finally {
      vite?.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
