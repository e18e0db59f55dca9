import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { temporaryFolderOfFile } from "../model/testdata/temporary.ts";
import type { MatrixDocument } from "./document.ts";
import { writeSampleRuns } from "./fixtures/sample-runs.ts";
import { publishMatrix } from "./publish.ts";

const executablePath = process.env["OSBENCH_CHROMIUM"] ?? "/usr/bin/chromium";
const missing = !existsSync(executablePath);

describe("the page, opened as a file", { timeout: 60_000 }, () => {
  let browser: Browser;
  let published: { html: string; matrix: MatrixDocument };
  let page: Page;
  let noise: string[];
  const folder = temporaryFolderOfFile();

  beforeAll(async () => {
    if (missing) return;
    published = await publishMatrix(await writeSampleRuns(folder), path.join(folder, "matrix"));
    // Chromium's own sandbox does not start for root, as in most build containers; the page opened is our own.
    browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
  }, 120_000);
  afterAll(() => browser?.close());
  beforeEach(async ({ skip }) => {
    skip(missing, `no browser at ${executablePath}: apt-get install chromium, or name one in OSBENCH_CHROMIUM`);
    const context = await browser.newContext({ offline: true, viewport: { width: 1400, height: 900 } });
    onTestFinished(() => context.close());
    page = await context.newPage();
    noise = [];
    page.on("console", (message) => noise.push(`console ${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => noise.push(`page error: ${error.message}`));
    page.on("request", (request) => {
      const scheme = new URL(request.url()).protocol;
      if (request.url() !== pathToFileURL(published.html).href && scheme !== "data:" && scheme !== "blob:")
        noise.push(`request: ${request.url()}`);
    });
    await page.goto(pathToFileURL(published.html).href);
  });

  test("shows every count and every cell", async () => {
    const { counts, cells } = published.matrix;
    for (const [outcome, count] of Object.entries(counts)) {
      expect(await page.locator(`.chip[data-outcome="${outcome}"] b`).textContent()).toBe(String(count));
      expect(await page.locator(`.cell.${outcome}`).count()).toBe(count);
    }
    expect(await page.locator("h1").textContent()).toBe(
      `${counts.fail} cells fail, ${counts.error} harness errors, ${counts["not-run"]} did not run`,
    );
    expect(await page.locator(".cell").count()).toBe(cells.length);
    expect(noise).toEqual([]);
  });

  test("a failing cell opens and says why, plays its console and goes away with Escape", async () => {
    const failing = published.matrix.cells.find((cell) => cell.outcome === "fail" && cell.suite === "rollback")!;
    const button = page.getByRole("button", {
      name: `fail: ${failing.suite}, ${failing.test}, ${failing.image} on ${failing.target}`,
      exact: true,
    });
    await button.click();
    const panel = page.getByRole("dialog");
    expect(await panel.locator(".failure").textContent()).toBe(failing.failure?.message);
    expect(await panel.locator(".position").textContent()).toContain("rollback.suite.yaml:31:9");
    expect(await panel.locator(".terminal.screen").textContent()).toContain("[FAILED] Failed to start never-good.service");
    await panel.locator(".ap-player").waitFor();
    await panel.locator(".ap-overlay-start").click();
    await panel.locator(".ap-overlay-start").waitFor({ state: "detached" });
    // The recorder's markers are places to jump to.
    await expect.poll(() => panel.locator(".ap-marker-container").allTextContents()).toHaveLength(2);
    expect((await panel.locator(".ap-marker-container").allTextContents()).join()).toMatch(/boot 1: firmware,.*boot 1: kernel/);
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
    expect(noise).toEqual([]);
  });

  test("filters by outcome, image and words, and keeps the view in the address", async () => {
    await page.locator('.chip[data-outcome="fail"]').click();
    await page.locator("select").selectOption("debian-ab");
    await expect.poll(() => page.locator(".grid tbody tr:not(.suite)").count()).toBe(1);
    expect(await page.locator(".cell:not(.dim)").count()).toBe(
      published.matrix.columns.filter((column) => column.image === "debian-ab").length,
    );
    await page.locator('.chip[data-outcome="fail"]').click();
    await page.locator('.chip[data-outcome="error"]').click();
    const errors = published.matrix.cells.filter((cell) => cell.outcome === "error" && cell.image === "fedora-bootc").length;
    await page.locator("select").selectOption("fedora-bootc");
    await expect.poll(() => page.locator(".cell:not(.dim)").count()).toBe(errors);
    expect(await page.locator(".cell.dim").count()).toBeGreaterThan(0);
    await page.locator('.chip[data-outcome="error"]').click();
    await page.locator('.chip[data-outcome="fail"]').click();
    await page.locator("select").selectOption("debian-ab");
    await page.getByRole("searchbox").fill("riscv64");
    await expect.poll(() => page.locator(".cell").count()).toBe(1);
    await expect.poll(() => page.url()).toContain("#outcome=fail&image=debian-ab&q=riscv64");
    await page.reload();
    await expect.poll(() => page.locator(".cell").count()).toBe(1);
    await page.getByRole("searchbox").fill("no such thing");
    await page.getByRole("button", { name: "Show everything" }).click();
    await expect.poll(() => page.locator(".cell").count()).toBe(published.matrix.cells.length);
    expect(noise).toEqual([]);
  });

  test("the arrow keys walk the grid and Enter opens a cell", async () => {
    await page.locator(".cell[tabindex='0']").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const second = published.matrix.suites[0]!.tests[1]!;
    expect(await page.getByRole("dialog").locator("h2").textContent()).toBe(second);
    expect(await page.locator(".cell[tabindex='0']").count()).toBe(1);
    await page.keyboard.press("Escape");
    await expect
      .poll(() => page.evaluate("document.activeElement.getAttribute('data-cell')"))
      .toBe(`debian-ab | riscv64 | boot | ${second}`);
  });

  test("says why cells do not apply without a click", async () => {
    for (const reason of new Set(published.matrix.cells.filter((cell) => cell.outcome === "not-applicable").map((cell) => cell.reason!))) {
      expect(await page.locator(".reasons").textContent()).toContain(reason);
    }
  });

  test("fits a phone: the page itself never scrolls sideways", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await page.locator(".cell.fail").first().click();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
  });
});
