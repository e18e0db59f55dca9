import { readFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolderOfFile } from "../../model/testdata/temporary.ts";
import type { MatrixDocument } from "../document.ts";
import { matrixDocument } from "../document.ts";
import { writeSampleRuns } from "../fixtures/sample-runs.ts";
import { publishMatrix } from "../publish.ts";
import { inBrowser, soon } from "./open-site.ts";

describe("the pages of a site", { timeout: 120_000 }, () => {
  const { open } = inBrowser();
  const folder = temporaryFolderOfFile();
  let site = "";
  let matrix: MatrixDocument;
  beforeAll(async () => {
    const { html, json } = await publishMatrix(await writeSampleRuns(folder), path.join(folder, "site"));
    site = html;
    matrix = matrixDocument.parse(JSON.parse(await readFile(json, "utf8")));
  }, 120_000);

  test("the grid stands in the page itself: every count and every cell, and nothing is loaded", async () => {
    const { page, noise, asked } = await open(site);
    const { counts, cells } = matrix;
    for (const [outcome, count] of Object.entries(counts)) {
      expect(await page.locator(`.chip[data-outcome="${outcome}"] b`).textContent()).toBe(String(count));
      expect(await page.locator(`.cell.${outcome}`).count()).toBe(count);
    }
    expect(await page.locator("h1").textContent()).toBe(
      `${counts.fail} cells fail, ${counts.error} harness errors, ${counts["not-run"]} did not run`,
    );
    expect(await page.locator(".cell").count()).toBe(cells.length);
    expect(asked).toEqual([]);
    expect(noise).toEqual([]);
  });

  test("filters by outcome, mark, image, target and words, and keeps the view in the address", async () => {
    const { page, noise } = await open(site);
    const bright = page.locator(".cell:not(.dim)");
    const cellsOf = (want: (cell: MatrixDocument["cells"][number]) => boolean) => matrix.cells.filter(want).length;
    await page.locator('.chip[data-outcome="fail"]').click();
    await soon(() => page.locator(".cell.dim").count()).toBeGreaterThan(0);
    await page.getByLabel("Image", { exact: true }).selectOption("debian-ab");
    await soon(() => page.locator(".grid tbody tr:not(.suite)").count()).toBe(1);
    await soon(() => bright.count()).toBe(cellsOf((cell) => cell.image === "debian-ab" && cell.outcome === "fail"));
    await page.getByLabel("Target", { exact: true }).selectOption("riscv64");
    await soon(() => bright.count()).toBe(1);
    await page.getByLabel("Target", { exact: true }).selectOption("");
    await page.getByRole("searchbox").fill("becomes-nothing");
    await page.getByRole("searchbox").fill("x86_64-secureboot VERSION");
    await soon(() => bright.count()).toBe(1);
    await soon(() => page.url()).toContain("#outcome=fail&image=debian-ab&q=x86_64-secureboot+VERSION");
    await page.reload();
    await soon(() => bright.count()).toBe(1);
    await page.getByRole("searchbox").fill("no such thing");
    await page.getByRole("button", { name: "Show everything" }).click();
    await soon(() => page.locator(".cell").count()).toBe(matrix.cells.length);
    await page.locator('.chip[data-mark="older"]').click();
    await soon(() => bright.count()).toBe(matrix.outdated);
    expect(noise).toEqual([]);
  });

  test("everything can be reached with the keyboard", async () => {
    const { page } = await open(site);
    const focused = () => page.evaluate("document.activeElement.getAttribute('aria-label')");
    const [first, second] = matrix.suites[0]!.tests;
    expect(await page.locator(".cell[tabindex='0']").count()).toBe(1);
    await page.locator(".cell[tabindex='0']").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await soon(focused).toContain(`${second}, debian-ab on riscv64`);
    await page.keyboard.press("End");
    await soon(focused).toContain(`${second}, minimal-uki on x86_64-secureboot`);
    await page.keyboard.press("Home");
    await page.keyboard.press("PageUp");
    await soon(focused).toContain(`${first}, debian-ab on aarch64`);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await soon(() => page.locator(".story h1").textContent()).toContain(second);
    expect(await page.locator("[data-cell]:visible").count()).toBe(0);
    await page.keyboard.press("Escape");
    await soon(focused).toContain(`${second}, debian-ab on aarch64`);
    await page.keyboard.press("n");
    const next = matrix.cells.find((cell) => cell.outcome === "fail" || cell.outcome === "error")!;
    await soon(() => page.locator(".story h1").textContent()).toContain(next.test);
    await page.keyboard.press("/");
    await page.keyboard.type("riscv64");
    await soon(() => page.getByRole("searchbox").inputValue()).toBe("riscv64");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await soon(() => page.getByRole("dialog").isVisible()).toBe(true);
  });

  test("a link to a cell opens its story, the way back leads to the grid, and a cell that is not there is said", async () => {
    const { image, target, suite, test: name } = matrix.cells.find((cell) => cell.outcome === "fail")!;
    const address = `#${new URLSearchParams({ cell: [image, target, suite, name].join(" | ") }).toString()}`;
    const { page } = await open(site, address);
    await soon(() => page.locator(".story h1").textContent()).toContain(name);
    expect(await page.title()).toContain(name);
    await page.getByRole("button", { name: "← Matrix" }).click();
    await soon(() => page.locator(".cell:visible").count()).toBe(matrix.cells.length);
    await page.goBack();
    await soon(() => page.locator(".story h1").textContent()).toContain(name);
    const gone = await open(site, "#cell=a+%7C+b+%7C+c+%7C+d");
    expect(await gone.page.getByRole("alert").first().textContent()).toContain("There is no such cell: a | b | c | d");
  });

  test("two releases are compared: what changed, in which column, and the cell behind it", async () => {
    const { page, noise } = await open(site);
    await page.getByRole("link", { name: "Compare releases" }).click();
    await page.getByLabel("Before").selectOption("debian-ab | 1");
    await page.getByLabel("After").selectOption("debian-ab | 2");
    const broke = matrix.cells.filter((cell) => cell.image === "debian-ab" && cell.outcome === "fail");
    await soon(() => page.locator('[data-change="regressed"] b').textContent()).toBe(String(broke.length));
    expect(await page.locator(".pair.regressed").count()).toBe(broke.length);
    expect(await page.locator(".compared tbody tr:not(.suite) th").allTextContents()).toContain(broke[0]!.test);
    expect(page.url()).toContain("a=debian-ab+%7C+1&b=debian-ab+%7C+2");
    await page.getByRole("button", { name: "swap" }).click();
    await soon(() => page.locator('[data-change="fixed"] b').textContent()).toBe(String(broke.length));
    await page.getByRole("button", { name: "swap" }).click();
    const before = await page.locator(".compared tbody tr").count();
    await page.getByRole("checkbox").check();
    await soon(() => page.locator(".compared tbody tr").count()).toBeGreaterThan(before);
    await page.locator(".pair.regressed").first().click();
    await soon(() => page.locator(".story h1").textContent()).toContain(broke[0]!.test);
    expect(noise).toEqual([]);
  });

  test("boot times are drawn by phase and stand as numbers in a table", async () => {
    const { page } = await open(site, "#page=trends&image=debian-ab&target=x86_64");
    const trend = page.locator(".trend");
    await trend.first().waitFor();
    expect(await trend.count()).toBe(1);
    expect(await trend.locator(".bar-of-run").count()).toBe(2);
    expect(await trend.locator(".bar-of-run").first().locator("span").count()).toBe(5);
    await trend.locator("summary").click();
    const head = await trend.locator("thead th").allTextContents();
    expect(head).toEqual(["Run", "Version", "Boots", "firmware", "loader", "kernel", "initrd", "userspace", "Sum"]);
    expect(await trend.locator("tbody tr").first().textContent()).toMatch(/20261121-2201-nightly.*900 ms350 ms700 ms480 ms/);
    // Two of the first firmware bar's pixels are two of its share.
    const heights = await trend
      .locator(".bar-of-run")
      .last()
      .locator("span")
      .evaluateAll((spans) => spans.map((span) => span.getBoundingClientRect().height));
    expect(heights.at(-1)! / heights.at(-2)!).toBeCloseTo(900 / 350, 1);
  });

  test("runs are named with how they were made, and one that did not finish is said", async () => {
    const { page } = await open(site, "#page=runs");
    const run = page.locator(".runs details").first();
    expect(await run.textContent()).toContain("did not finish");
    await run.locator("summary").click();
    await soon(() => run.textContent()).toContain("swtpm 0.10.0");
  });

  test("says why cells do not apply without a click", async () => {
    const { page } = await open(site);
    const reasons = new Set(matrix.cells.filter((cell) => cell.outcome === "not-applicable").map((cell) => cell.reason!));
    for (const reason of reasons) expect(await page.locator(".reasons").textContent()).toContain(reason);
  });
});
