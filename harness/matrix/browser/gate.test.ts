import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolderOfFile } from "../../model/testdata/temporary.ts";
import { writeSampleGate, type SampleGate } from "../fixtures/sample-gate.ts";
import { decide } from "../gate/decide.ts";
import { loadPolicy } from "../gate/policy.ts";
import { readSeen } from "../gate/read-seen.ts";
import { publishMatrix } from "../publish.ts";
import { gateWords, wordOfVerdict } from "../verdict-words.ts";
import { inBrowser, soon } from "./open-site.ts";
import { faintText, nameless } from "./seen-by-all.ts";

const link = (...names: string[]) => `#${new URLSearchParams({ cell: names.join(" | ") }).toString()}`;
const waived = link("debian-ab", "riscv64", "rollback", "falls back when the new version never becomes good");

describe("what the gate says, and certificates", { timeout: 120_000 }, () => {
  const { open } = inBrowser();
  const folder = temporaryFolderOfFile();
  let sample: SampleGate;
  let site = "";
  beforeAll(async () => {
    sample = await writeSampleGate(folder);
    site = (await publishMatrix(sample.folders, path.join(folder, "site"), sample.shown)).html;
  }, 120_000);

  const story = async (page: Page) => (await page.locator("main.story").textContent())!;

  test("the page agrees with the gate: its answer, its counts and the verdict on every cell", async () => {
    const decision = decide(
      await readSeen(sample.folders),
      await loadPolicy(sample.policy),
      await readSeen(sample.baseline),
      sample.shown.gate!.now,
    );
    const { exitCode } = decision;
    const cells = [...decision.cells()];
    const reasons = [...decision.reasons];
    expect(new Set(cells.map(({ verdict }) => verdict)).size).toBeGreaterThan(5);
    const { page, noise } = await open(site);
    expect(await page.locator(".gate-line").textContent()).toContain(`Gate ${gateWords[exitCode]}`);
    const labels = await page.locator(".cell").evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")!));
    for (const { image, target, suite, test: name, verdict } of cells) {
      const label = labels.find((one) => one.endsWith(`: ${suite}, ${name}, ${image} on ${target}`));
      expect(label, `${suite} ${name} ${image} ${target}`).toBeDefined();
      const { symbol, label: word } = wordOfVerdict(verdict);
      if (symbol !== "") expect(label!.split(":")[0]!.split(", "), `${suite} ${name} ${image} ${target}`).toContain(word);
    }
    expect(labels).toHaveLength(cells.length);
    await page.getByRole("link", { name: "Gate" }).click();
    await soon(() => page.locator(".gate-reasons li").count()).toBe(reasons.length);
    expect(await page.locator(".gate-reasons li > :last-child").allTextContents()).toEqual(reasons.map(({ text }) => text));
    expect(noise).toEqual([]);
  });

  test("cells are found by their verdict, and the view is in the address", async () => {
    const { page } = await open(site);
    await page.locator('.chip[data-verdict="known-issue"]').click();
    await soon(() => page.locator(".cell:not(.dim)").count()).toBe(2);
    expect(page.url()).toContain("#verdict=known-issue");
    await page.reload();
    await soon(() => page.locator(".cell.waived:not(.dim)").count()).toBe(2);
    await page.getByRole("searchbox").fill("regressed");
    await soon(() => page.locator(".cell:not(.dim)").count()).toBe(0);
    await page.locator(".nothing button").click();
    await page.getByRole("searchbox").fill("regressed");
    await soon(() => page.locator(".cell:not(.dim)").count()).toBe(3);
  });

  test("a waived cell still fails, and says by whom, why, where and until when it is waived", async () => {
    const { page } = await open(site, waived);
    await page.locator(".verdict").waitFor();
    expect(await page.locator(".story h1").textContent()).toContain("fail");
    for (const words of [
      "a waiver that holds excuses it",
      "the boot counter of this board's firmware counts up",
      "firmware team",
      "https://tracker.example/123",
      "holds until the end of 2027-03-31 (UTC), 129 more days when this was decided",
      "image debian-ab",
      "target aarch64, riscv64",
      "test falls back*",
      "release.yaml:6",
    ])
      expect(await story(page)).toContain(words);
    expect(await page.getByRole("link", { name: "https://tracker.example/123" }).getAttribute("href")).toBe("https://tracker.example/123");
  });

  test("an expired waiver excuses nothing, one without any use is said, and one that lapsed since is said by the page itself", async () => {
    const expired = await open(site, link("flatcar-stable", "aarch64", "pcr", "PCR 11 is what the unified kernel image predicts"));
    await expired.page.locator(".verdict").waitFor();
    expect(await expired.page.locator(".verdict").getAttribute("data-verdict")).toBe("regressed");
    expect(await story(expired.page)).toContain("its waiver expired on 2026-10-31");
    expect(await story(expired.page)).toContain("does not excuse it");
    const { page } = await open(site, "#page=gate");
    const states = () => page.locator(".waiver").evaluateAll((all) => all.map((one) => one.getAttribute("data-state")));
    await soon(states).toEqual(["in-use", "expired", "not-needed", "unused"]);
    await page.clock.setFixedTime(new Date("2028-01-01T00:00:00Z"));
    await page.reload();
    await soon(() => page.getByRole("alert").allTextContents()).toContainEqual(
      expect.stringContaining("3 waivers have expired since this page was made"),
    );
  });

  test("what is expected and nobody planned has its place in the grid", async () => {
    const { page } = await open(site);
    expect(await page.locator(".cell.absent").count()).toBe(2);
    expect(await page.locator("h1").textContent()).toContain("2 expected cells are missing");
    await page.locator(".cell.absent").first().click();
    await soon(() => story(page)).toContain("expected, but there is no outcome");
    expect(await page.locator(".story h1").textContent()).toContain("missing");
  });

  test("a certificate vouches for what it covers, for hardware only on hardware, and one that does not hold for nothing", async () => {
    const certificateOf = async (target: string, suite: string) => {
      const { page } = await open(site, link("appliance", target, suite, "a"));
      await page.locator(".certificate").waitFor();
      return story(page);
    };
    const board = await certificateOf("visionfive2", "wake");
    expect(board).toContain("The signer vouches for this result (pass), made on real hardware.");
    const emulated = await certificateOf("x86_64", "wake");
    expect(emulated).toContain("made in: emulated machine. It certifies no hardware.");
    expect(emulated).not.toContain("on hardware");
    for (const [suite, why] of [
      ["resume", "has 46 bytes, 22 were recorded"],
      ["suspend", "it is not signed by this key"],
    ] as const) {
      const none = await certificateOf("x86_64", suite);
      expect(none).toContain("This result is not certified.");
      expect(none).toContain(why);
      expect(none).not.toContain("vouches");
    }
    const { page } = await open(site);
    expect(await page.locator('.chip[data-mark="certified"] b').textContent()).toBe("4");
    expect(await page.locator('.chip[data-mark="uncertain"] b').textContent()).toBe("4");
    expect(await page.locator("#uncertified").textContent()).toContain("2 certificates do not hold");
  });

  test("without a key nothing is certified, and a result that calls an emulator hardware is not", async () => {
    const { html } = await publishMatrix(sample.folders, path.join(folder, "unchecked"));
    const { page } = await open(html, link("appliance", "visionfive2", "wake", "a"));
    await page.locator(".certificate").waitFor();
    expect(await story(page)).toContain("not checked: it certifies nothing here");
    expect(await story(page)).not.toContain("vouches");
    const records = path.join(folder, "runs", "signed-board", "records.jsonl");
    const text = await readFile(records, "utf8");
    await writeFile(records, text.replaceAll('"accelerator":"none"', '"accelerator":"tcg"'));
    try {
      const forged = await publishMatrix(sample.folders, path.join(folder, "forged"), sample.shown);
      const shown = await open(forged.html, link("appliance", "visionfive2", "wake", "a"));
      await shown.page.locator(".certificate").waitFor();
      expect(await story(shown.page)).toContain("This result is not certified.");
      expect(await story(shown.page)).toContain("records.jsonl: has ");
    } finally {
      await writeFile(records, text);
    }
  });

  test("nothing that a policy or a certificate holds becomes markup or a script", async () => {
    const policy = path.join(folder, "hostile.yaml");
    const text = await readFile(sample.policy, "utf8");
    await writeFile(
      policy,
      text.replace("firmware team", `"<img src=x onerror=alert(1)>"`).replace("https://tracker.example/123", `"javascript:alert(1)"`),
    );
    const gate = { ...sample.shown.gate!, policy: await loadPolicy(policy) };
    const { html } = await publishMatrix(sample.folders, path.join(folder, "hostile"), { ...sample.shown, gate });
    const { page, noise } = await open(html, waived);
    await page.locator(".waiver").waitFor();
    expect(await story(page)).toContain("<img src=x onerror=alert(1)>");
    expect(await page.locator(".waiver a, .waiver img").count()).toBe(0);
    expect(noise).toEqual([]);
  });

  test("is there for everybody: light, dark, on a phone", async () => {
    for (const hash of ["", "#page=gate", "#page=runs", waived, link("appliance", "x86_64", "resume", "a")]) {
      for (const colorScheme of ["light", "dark"] as const) {
        const { page } = await open(site, hash, { colorScheme, viewport: { width: 390, height: 844 } });
        await page.locator("h2:visible").first().waitFor();
        if (hash.includes("cell")) await page.locator(".facts:visible").first().waitFor();
        expect(await page.evaluate(faintText), `${colorScheme} ${hash}`).toEqual([]);
        expect(await page.evaluate(nameless), `${colorScheme} ${hash}`).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth"), `${colorScheme} ${hash}`).toBe(390);
      }
    }
  });

  test("without a policy the page says nothing of a gate", async () => {
    const { html } = await publishMatrix(sample.folders, path.join(folder, "plain"));
    const { page } = await open(html);
    expect(await page.locator(".gate-line").count()).toBe(0);
    expect(await page.getByRole("link", { name: "Gate" }).count()).toBe(0);
    expect(await page.locator(".verdicts").count()).toBe(0);
  });
});
