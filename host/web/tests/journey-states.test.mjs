// What the page of journeys shows where there is nothing, too much, or what nobody may see.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, describe, test } from "node:test";

import { closeAll, fits, isAccessible } from "./support/browser.mjs";
import { arrives, list, open, picture, shown, table } from "./support/journey.mjs";
import { eventually, pageOf, scripted, serve, stopAll } from "./support/server.mjs";

after(async () => {
  await stopAll();
  await closeAll();
});

describe("what cannot be shown", () => {
  test("says why, and what to do", async () => {
    const processor = await serve();
    const page = await open(processor, "/journey", 320);
    await page.getByText("No calls yet").waitFor();
    await fits(page, "an empty list");
    await isAccessible(page, "an empty list");
    await page.goto(pageOf(processor, `/journey/${encodeURIComponent("no/such?call<b>100%")}`));
    await page.getByText("No such call is known").waitFor();
    await page.getByText("no/such?call<b>100%").waitFor();
    await fits(page, "an unknown call");
    await isAccessible(page, "an unknown call");
    await page.getByRole("link", { name: "Show recent calls" }).click();
    await page.getByText("No call is chosen").waitFor();
  });

  test("is told where the right to it is missing", async () => {
    const entry = `[[tokens]]\nsubject = "board"\nhash = "sha256:${createHash("sha256").update("agents-only").digest("hex")}"\nscopes = ["agent"]`;
    process.env.INTERACTION_PROCESSOR_LISTEN_REQUIRE_TOKENS = "true";
    const processor = await serve({ cti: `scenario = "small"\n${entry}` }).finally(() => delete process.env.INTERACTION_PROCESSOR_LISTEN_REQUIRE_TOKENS);
    const page = await open(processor, "/journey/c-1");
    await page.getByLabel("Token").fill("agents-only");
    await page.keyboard.press("Enter");
    await page.getByText("This page may not list calls").waitFor();
    await page.getByText("This call may not be read here").waitFor();
    await isAccessible(page, "no right to reports");
  });

  test("stands as of when the connection was lost, and goes on from there", async () => {
    const processor = await serve({ scenario: scripted([arrives("+4930999")]) });
    const page = await open(processor, "/journey");
    await list(page).getByRole("link", { name: "+4930999" }).click();
    await page.getByText(/so far/).first().waitFor();
    processor.line.cut();
    await table(page).getByText(/as of/).first().waitFor();
    await picture(page).getByText(/^as of /).waitFor();
    await list(page).getByText(/Running as of/).waitFor();
    const stands = await shown(page);
    // Nothing of it moves while nothing is known.
    await page.waitForTimeout(2_100);
    assert.deepEqual(await shown(page), stands);
    processor.line.restore();
    await page.getByRole("button", { name: "Try now" }).click().catch(() => {});
    await page.getByText(/so far/).first().waitFor();
    await picture(page).getByText("now", { exact: true }).waitFor();

    // A server that was started anew has forgotten the call: what was known of it stays.
    await processor.kill();
    await processor.run();
    await page.getByText("The server does not know this call any more").waitFor();
    const [now] = (await shown(page)).slice(-1);
    assert.match(now[0], /as of/);
    await isAccessible(page, "a call that was forgotten");
  });
});

describe("names", () => {
  test("stay text, and on the page, whatever they are", async () => {
    const names = {
      2001: `<img src=x onerror="document.title='taken'"> <script>document.title="taken"</script>`,
      2002: "عبد الرحمن بن خالد ‏(مشرف)",
      2003: "👩‍💻 Zoë 👨‍👩‍👧‍👦 ".repeat(3).trim(),
      2004: "Ｗ".repeat(33),
    };
    const acts = Object.entries(names).flatMap(([agent, name], n) => [[100 + n, { act: "agent_renamed", agent, name }], [200 + n, { act: "agent_state", agent, state: "Ready" }]]);
    const calls = Object.keys(names).map((_, n) => arrives(`<b>+49${n}</b>`, 400 + 20 * n, { ring_ms: 400, talk_ms: 600_000 }));
    const processor = await serve({ scenario: scripted([...acts, ...calls]) });
    const page = await open(processor, "/journey", 320);
    await eventually(async () => (await list(page).getByRole("link").count()) === 4, "all calls");
    for (const [n] of Object.keys(names).entries()) {
      await list(page).getByRole("link", { name: `<b>+49${n}</b>` }).click();
      await page.getByRole("heading", { name: `<b>+49${n}</b>` }).waitFor();
      await table(page).getByText(/^talking /).waitFor();
      const words = await table(page).getByText(/^talking /).textContent();
      assert.ok(Object.values(names).some((name) => words === `talking ${name}`), words);
      await fits(page, words);
    }
    assert.doesNotMatch(await page.title(), /taken/);
    await isAccessible(page, "names");
  });
});

describe("many calls", () => {
  test("are paged through, and drawn as far as they are in sight", async () => {
    // The hundred ports of the world have a call each; those that came later were turned away.
    const calls = Array.from({ length: 140 }, (_, n) => arrives(`+4940${String(n).padStart(3, "0")}`, 300 + n * 5));
    const processor = await serve({ scenario: scripted(calls) });
    const page = await open(processor, "/journey", 1280, 500);
    await page.getByText("The newest 100 calls, 60 running").waitFor();
    assert.ok((await list(page).getByRole("link").count()) < 40);
    await list(page).getByRole("link").first().focus();
    await page.keyboard.press("End");
    await list(page).getByRole("link", { name: "+4940040" }).waitFor();
    await page.getByRole("button", { name: "Show older calls" }).click();
    await page.getByText("140 calls, 100 running").waitFor();
    await list(page).getByRole("link").last().focus();
    await page.keyboard.press("End");
    await list(page).getByRole("link", { name: "+4940000" }).waitFor();
    await eventually(() => page.evaluate(() => document.activeElement?.textContent?.includes("+4940000")), "it has the focus");
  });
});
