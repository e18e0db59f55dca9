import { readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder, temporaryFolderOfFile } from "../../model/testdata/temporary.ts";
import { failingMoment, writeSampleStory } from "../fixtures/sample-story.ts";
import { aRecord, aRun, writeRun } from "../fixtures/small-run.ts";
import { publishMatrix } from "../publish.ts";
import { failing, inBrowser, soon } from "./open-site.ts";

describe("the story of a cell", { timeout: 120_000 }, () => {
  const { open } = inBrowser();
  const folder = temporaryFolderOfFile();
  const one = path.join(folder, "one");
  let site = "";
  beforeAll(async () => {
    site = (await publishMatrix([await writeSampleStory(one)], path.join(folder, "site"))).html;
  }, 120_000);

  test("a story: why, the suite's lines, each step with its commands, provenance and history", async () => {
    const { page, noise } = await open(site);
    await failing(page).click();
    expect(await page.locator(".why .failure").first().textContent()).toContain("PCR 4 does not agree");
    expect(await page.locator(".diagnosis").textContent()).toMatch(
      /the loader measured something else.*pcr-differs.*loader phase.*the image's own fault/s,
    );
    expect(await page.locator(".hint").textContent()).toContain("Look at what the loader measured");
    expect(await page.locator(".position").first().textContent()).toContain("story.suite.yaml:9:9");
    // The line of the suite that failed is marked, in its test's own lines.
    await page.locator(".source .broke").waitFor();
    expect(await page.locator(".source .broke").textContent()).toMatch(/9✗ failed: .*- pcr: \{ predicted: current \}/s);
    expect(await page.locator(".source .line").first().textContent()).toContain(
      "- test: holds in PCR 11 what the published UKI's bytes predict",
    );
    // Steps of the test itself, not those of the test before it on the same machine.
    const steps = page.locator(".steps:not(.earlier .steps) > .step");
    expect(await steps.count()).toBe(1);
    expect(await page.locator(".earlier summary").first().textContent()).toBe("1 step of earlier tests on the same machine");
    expect(await steps.first().textContent()).toMatch(
      /\+1:01\.0.*cat \/etc\/os-release.*exit 0.*tpm2_pcrread.*exit 3.*ERROR: no such bank/s,
    );
    // What the steps tell is not told twice.
    expect(await page.locator(".why").textContent()).not.toContain("told by the steps");
    const facts = await page.locator("aside").textContent();
    expect(facts).toContain("emulated machine: says nothing certain of real hardware, and certifies none");
    expect(facts).toContain("forked from the saved moment “booted”");
    expect(facts).toContain("the target has a tpm-crb");
    await page.getByRole("button", { name: "003-journal.txt" }).click();
    await page.getByText("systemd[1]: a line of the journal").waitFor();
    expect(noise).toEqual([]);
  });

  test("the recording opens at the failing moment and plays from shortly before it", async () => {
    const { page, noise } = await open(site);
    await failing(page).click();
    const button = page.getByRole("button", { name: /the failing moment/ });
    await button.waitFor();
    expect(await button.locator("small").textContent()).toBe(`+0:0${failingMoment.shownAt.toFixed(1)}`);
    // The still picture is the screen of that moment: the last words before it, and not what came after.
    const screen = page.locator(".ap-term");
    await soon(() => screen.textContent()).toContain(failingMoment.words);
    expect(await screen.textContent()).not.toContain("what came after");
    await button.click();
    await page.locator(".ap-overlay-start").waitFor({ state: "detached" });
    await soon(() => screen.textContent()).toContain("what came after");
    expect((await page.locator(".ap-marker-container").allTextContents()).join()).toMatch(/boot 1: firmware.*the failing moment/s);
    expect(noise).toEqual([]);
  });

  test("what was measured is held against the event log, PCR by PCR", async () => {
    const { page } = await open(site);
    await failing(page).click();
    await page.locator(".pcrs").waitFor();
    expect(await page.locator(".agree").textContent()).toContain("✗ The event logs do not add up to the values.");
    const row = (pcr: number) => page.locator(".pcrs tbody tr", { has: page.locator(`th:text-is("${pcr}")`) });
    expect(await row(4).textContent()).toContain("✗ differ");
    expect(await row(7).textContent()).toContain("✓ agree");
    await row(7).locator("summary").click();
    expect(await row(7).locator("li").allTextContents()).toContainEqual(expect.stringContaining("SecureBoot"));
  });

  test("evidence that is missing, damaged or changed is said where it would stand", async () => {
    const { page } = await open(site);
    await page.locator(".cell.error").first().click();
    await page.locator(".missing").first().waitFor();
    const said = (await page.locator(".missing").allTextContents()).join("\n");
    expect(said).toContain("The recording cannot be shown: the file is missing");
    expect(said).toContain("1 step cannot be shown: line 1 of the log cannot be read");
    expect(await page.locator(".steps > .step").count()).toBe(1);
  });

  test("pieces of the site that are missing or damaged are said, and the rest is shown", async () => {
    const site = path.join(temporaryFolder(), "site");
    const { html } = await publishMatrix([one], site);
    const data = path.join(site, "data", (await readdir(path.join(site, "data")))[0]!);
    const steps = (await readdir(data)).filter((name) => name.startsWith("e-"));
    for (const name of steps) await rm(path.join(data, name));
    await writeFile(path.join(data, "releases-0.js"), 'osbench("rel');
    // Whole, and not what it should be.
    await writeFile(path.join(data, "trends.js"), `osbench("trends",${JSON.stringify('[{"column":0}]')})`);
    await writeFile(path.join(data, "row-2.js"), 'osbench("row-2","{")');
    const { page } = await open(html);
    await failing(page).click();
    await soon(async () => (await page.locator(".missing").allTextContents()).join()).toContain("the published folder is not whole");
    expect(await page.locator(".why .failure").first().textContent()).toContain("PCR 4");
    await page.goBack();
    await page.locator(".cell.error").first().click();
    await soon(() => page.locator(".missing").first().textContent()).toContain("row-2.js is damaged");
    await page.goBack();
    await page.getByRole("link", { name: "Compare releases" }).click();
    await soon(() => page.locator(".missing").first().textContent()).toContain("releases-0.js is damaged");
    await page.getByRole("link", { name: "Boot times" }).click();
    await soon(() => page.locator(".missing").first().textContent()).toContain("This page cannot be shown");
    await page.getByRole("link", { name: "Runs" }).click();
    await soon(() => page.locator(".runs details").count()).toBe(1);
  });

  test("damaged records are said on the page with file and line", async () => {
    const out = temporaryFolder();
    const one = await writeRun(path.join(out, "one"), [aRecord(), "{cut"], aRun());
    const { page } = await open((await publishMatrix([one], path.join(out, "site"))).html);
    expect(await page.getByRole("alert").textContent()).toMatch(/one\/records\.jsonl:2 the line ends in the middle of a record/);
  });

  test("what calls itself hardware and was emulated is never shown as hardware", async () => {
    const out = temporaryFolder();
    const target = { name: "board", kind: "hardware" as const, arch: "x86_64", machine: "q35", accelerator: "tcg" };
    const run = await writeRun(path.join(out, "one"), [aRecord({ target })], aRun());
    const { page } = await open((await publishMatrix([run], path.join(out, "site"))).html);
    expect(await page.locator(".subtitle").textContent()).toContain("(machine of unknown kind)");
    await page.locator(".cell").first().click();
    await soon(() => page.locator(".facts").textContent()).toContain("machine of unknown kind: says nothing certain of real hardware");
  });
});
