import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { temporaryFolder, temporaryFolderOfFile } from "../model/testdata/temporary.ts";
import type { MatrixDocument } from "./document.ts";
import { matrixDocument } from "./document.ts";
import { writeManyRecords } from "./fixtures/many-records.ts";
import { writeSampleRuns } from "./fixtures/sample-runs.ts";
import { failingMoment, writeSampleStory } from "./fixtures/sample-story.ts";
import { aRecord, aRun, writeRun } from "./fixtures/small-run.ts";
import { publishMatrix } from "./publish.ts";

const executablePath = process.env["OSBENCH_CHROMIUM"] ?? "/usr/bin/chromium";
const missing = !existsSync(executablePath);
/** The page answers at once; a busy host may not let it. */
const soon = <T>(see: () => Promise<T> | T) => expect.poll(see, { timeout: 20_000 });

describe("the site, opened as a file", { timeout: 120_000 }, () => {
  let browser: Browser;
  let matrix: MatrixDocument;
  const folder = temporaryFolderOfFile();
  const sites = { runs: "", story: "", many: "" };

  beforeAll(async () => {
    if (missing) return;
    // One after the other: published together, all would build the page.
    const runs = await publishMatrix(await writeSampleRuns(path.join(folder, "runs")), path.join(folder, "runs", "site"));
    const story = await publishMatrix([await writeSampleStory(path.join(folder, "story", "one"))], path.join(folder, "story", "site"));
    const many = await publishMatrix(writeManyRecords(path.join(folder, "many"), 10_000), path.join(folder, "many", "site"));
    matrix = matrixDocument.parse(JSON.parse(await readFile(runs.json, "utf8")));
    Object.assign(sites, { runs: runs.html, story: story.html, many: many.html });
    // Chromium's own sandbox does not start for root, as in most build containers; the page opened is our own.
    browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
  }, 180_000);
  afterAll(() => browser?.close());
  beforeEach(({ skip }) => skip(missing, `no browser at ${executablePath}: apt-get install chromium, or name one in OSBENCH_CHROMIUM`));

  /** Opens a site without any network. What the page says on its console, and what it asks for beyond its own folder, is noise. */
  async function open(
    html: string,
    hash = "",
    options: BrowserContextOptions = {},
  ): Promise<{ page: Page; noise: string[]; asked: string[] }> {
    const context = await browser.newContext({ offline: true, viewport: { width: 1400, height: 900 }, ...options });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const noise: string[] = [];
    const asked: string[] = [];
    const own = path.dirname(pathToFileURL(html).href);
    page.on("console", (message) => noise.push(`console ${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => noise.push(`page error: ${error.message}`));
    page.on("request", (request) => {
      const url = request.url();
      if (url.startsWith(`${own}/data/`)) asked.push(path.basename(url, ".js"));
      else if (url.split("#")[0] !== pathToFileURL(html).href && !/^(?:data|blob):/.test(url)) noise.push(`request: ${url}`);
    });
    await page.goto(pathToFileURL(html).href + hash);
    return { page, noise, asked };
  }
  const failing = (page: Page) => page.locator(".cell.fail").first();

  test("the grid stands in the page itself: every count and every cell, and nothing is loaded", async () => {
    const { page, noise, asked } = await open(sites.runs);
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
    const { page, noise } = await open(sites.runs);
    const bright = page.locator(".cell:not(.dim)");
    const cellsOf = (want: (cell: MatrixDocument["cells"][number]) => boolean) => matrix.cells.filter(want).length;
    await page.locator('.chip[data-outcome="fail"]').click();
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
    expect(await page.locator(".cell.dim").count()).toBeGreaterThan(0);
    expect(noise).toEqual([]);
  });

  test("everything can be reached with the keyboard", async () => {
    const { page } = await open(sites.runs);
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
    const { page } = await open(sites.runs, address);
    await soon(() => page.locator(".story h1").textContent()).toContain(name);
    expect(await page.title()).toContain(name);
    await page.getByRole("button", { name: "← Matrix" }).click();
    await soon(() => page.locator(".cell:visible").count()).toBe(matrix.cells.length);
    await page.goBack();
    await soon(() => page.locator(".story h1").textContent()).toContain(name);
    const gone = await open(sites.runs, "#cell=a+%7C+b+%7C+c+%7C+d");
    expect(await gone.page.getByRole("alert").first().textContent()).toContain("There is no such cell: a | b | c | d");
  });

  test("a story: why, the suite's lines, each step with its commands, provenance and history", async () => {
    const { page, noise } = await open(sites.story);
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
    expect(facts).toContain("emulated: says nothing certain of real hardware, and is never certified");
    expect(facts).toContain("forked from the saved moment “booted”");
    expect(facts).toContain("the target has a tpm-crb");
    await page.getByRole("button", { name: "003-journal.txt" }).click();
    await page.getByText("systemd[1]: a line of the journal").waitFor();
    expect(noise).toEqual([]);
  });

  test("the recording opens at the failing moment and plays from shortly before it", async () => {
    const { page, noise } = await open(sites.story);
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
    const { page } = await open(sites.story);
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
    const { page } = await open(sites.story);
    await page.locator(".cell.error").first().click();
    await page.locator(".missing").first().waitFor();
    const said = (await page.locator(".missing").allTextContents()).join("\n");
    expect(said).toContain("The recording cannot be shown: the file is missing");
    expect(said).toContain("1 step cannot be shown: line 1 of the log cannot be read");
    expect(await page.locator(".steps > .step").count()).toBe(1);
  });

  test("pieces of the site that are missing or damaged are said, and the rest is shown", async () => {
    const site = path.join(temporaryFolder(), "site");
    const { html } = await publishMatrix([path.join(folder, "story", "one")], site);
    const data = path.join(site, "data", (await readdir(path.join(site, "data")))[0]!);
    const steps = (await readdir(data)).filter((name) => name.startsWith("e-"));
    for (const name of steps) await rm(path.join(data, name));
    await writeFile(path.join(data, "trends.js"), 'osbench("tre');
    await writeFile(path.join(data, "row-2.js"), 'osbench("row-2","{")');
    const { page } = await open(html);
    await failing(page).click();
    await soon(async () => (await page.locator(".missing").allTextContents()).join()).toContain("the published folder is not whole");
    expect(await page.locator(".why .failure").first().textContent()).toContain("PCR 4");
    await page.goBack();
    await page.locator(".cell.error").first().click();
    await soon(() => page.locator(".missing").first().textContent()).toContain("row-2.js is damaged");
    await page.goBack();
    await page.getByRole("link", { name: "Boot times" }).click();
    await soon(() => page.locator(".missing").first().textContent()).toContain("trends.js is damaged");
  });

  test("damaged records are said on the page with file and line", async () => {
    const out = temporaryFolder();
    const one = await writeRun(path.join(out, "one"), [aRecord(), "{cut"], aRun());
    const { page } = await open((await publishMatrix([one], path.join(out, "site"))).html);
    expect(await page.getByRole("alert").textContent()).toMatch(/one\/records\.jsonl:2 the line ends in the middle of a record/);
  });

  test("two releases are compared: what changed, in which column, and the cell behind it", async () => {
    const { page, noise } = await open(sites.runs);
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
    const { page } = await open(sites.runs, "#page=trends&image=debian-ab&target=x86_64");
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
    const { page } = await open(sites.runs, "#page=runs");
    const run = page.locator(".runs details").first();
    expect(await run.textContent()).toContain("did not finish");
    await run.locator("summary").click();
    await soon(() => run.textContent()).toContain("swtpm 0.10.0");
  });

  test("says why cells do not apply without a click", async () => {
    const { page } = await open(sites.runs);
    const reasons = new Set(matrix.cells.filter((cell) => cell.outcome === "not-applicable").map((cell) => cell.reason!));
    for (const reason of reasons) expect(await page.locator(".reasons").textContent()).toContain(reason);
  });

  test("fits a phone: no page scrolls sideways, and what is touched is large enough", async () => {
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
    for (const [site, hash] of [
      [sites.runs, ""],
      [sites.runs, "#page=compare"],
      [sites.runs, "#page=trends"],
      [sites.runs, "#page=runs"],
      [sites.story, ""],
    ] as const) {
      const { page } = await open(site, hash, phone);
      if (site === sites.story) {
        await failing(page).click();
        await page.locator(".pcrs").waitFor();
      }
      await page.locator("h2:visible").first().waitFor();
      expect(await page.evaluate("document.documentElement.scrollWidth"), `${site}${hash}`).toBe(390);
      const small = await page
        .locator(".chip:visible, .button:visible, .cell:visible")
        .evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().height < 24).map((one) => one.outerHTML));
      expect(small).toEqual([]);
    }
  });

  test("10,000 cells: shown within a second of work, drawn as they are scrolled to, walked to the end with the keyboard", async () => {
    const { page, asked, noise } = await open(sites.many);
    // Processor time of the page's main thread: what else runs on this host must not decide a test. The bench measures the clock on the wall.
    const metrics = await page.context().newCDPSession(page);
    await metrics.send("Performance.enable", { timeDomain: "threadTicks" });
    await page.reload();
    await page.evaluate(firstPaint);
    const { metrics: values } = await metrics.send("Performance.getMetrics");
    expect(values.find(({ name }) => name === "TaskDuration")!.value).toBeLessThan(1);
    expect(await page.locator(".cell").count()).toBeLessThan(3000);
    expect(asked).toEqual([]);
    await page.locator(".grid").evaluate((grid) => grid.scrollTo(0, grid.scrollHeight));
    await page.getByRole("rowheader", { name: "test 499:" }).waitFor();
    expect(await page.locator(".cell").count()).toBeLessThan(6000);
    await page.locator(".grid").evaluate((grid) => grid.scrollTo(0, 0));
    await page.locator(".cell[tabindex='0']").focus();
    for (let pages = 0; pages < 26; pages++) {
      await page.keyboard.press("PageDown");
      await soon(() => page.evaluate("document.activeElement.dataset.cell")).toBe(String(Math.min(499, (pages + 1) * 20) * 20));
    }
    await page.getByRole("searchbox").fill("line 499 of");
    await soon(() => page.locator(".grid tbody tr:not(.suite)").count()).toBe(1);
    expect(noise).toEqual([]);
  });

  test("prints the whole grid, dark or light", async () => {
    const { page } = await open(sites.runs, "", { colorScheme: "dark" });
    await page.emulateMedia({ media: "print" });
    expect(await page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")).toBe("rgb(255, 255, 255)");
    expect(await page.locator(".grid").evaluate((grid) => grid.scrollHeight - grid.clientHeight)).toBe(0);
    expect(await page.locator(".filters").isVisible()).toBe(false);
  });

  test.each(["light", "dark"] as const)(
    "text stands out in %s, everything that can be used has a name, no symbol stands alone",
    async (colorScheme) => {
      for (const [site, hash, click] of [
        [sites.runs, "", ""],
        [sites.runs, "#page=compare", ""],
        [sites.runs, "#page=trends", ""],
        [sites.story, "", ".cell.fail"],
      ] as const) {
        const { page } = await open(site, hash, { colorScheme });
        if (click) await page.locator(click).first().click();
        await page.locator("h2:visible").first().waitFor();
        if (click) await page.locator(".pcrs").waitFor();
        expect(await page.evaluate(faintText), `${site}${hash}`).toEqual([]);
        expect(await page.evaluate(nameless), `${site}${hash}`).toEqual([]);
        expect(await page.evaluate("document.documentElement.lang")).toBe("en");
        expect(await page.locator("main:visible").count()).toBe(1);
        expect(await page.locator("h1:visible").count()).toBe(1);
      }
      // An outcome is a word or has one for who cannot see it.
      const { page } = await open(sites.runs, "", { colorScheme });
      expect(await page.locator(".cell.fail").first().getAttribute("aria-label")).toMatch(/^fail/);
      expect(await page.locator(".cell.pass .symbol").first().textContent()).toBe("✓");
    },
  );

  test("from a web server it is the same, and asks for nothing but its own files", async () => {
    const root = path.dirname(sites.story);
    const served: string[] = [];
    const server = createServer((request, response) => {
      served.push(request.url!);
      readFile(path.join(root, decodeURIComponent(request.url!))).then(
        (bytes) => response.setHeader("content-type", request.url!.endsWith(".js") ? "text/javascript" : "text/html").end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    const { port } = server.address() as { port: number };
    await page.goto(`http://127.0.0.1:${port}/index.html`);
    await failing(page).click();
    await page.locator(".ap-player").waitFor();
    await page.locator(".pcrs").waitFor();
    expect(asked.filter((url) => !url.startsWith(`http://127.0.0.1:${port}/`) && !/^(?:data|blob):/.test(url))).toEqual([]);
    expect(served.every((url) => url === "/index.html" || /^\/data\/[0-9a-f]{16}\/[a-z]+-?[0-9a-f]*\.js$/.test(url))).toBe(true);
  });

  test("the page could not reach a network if it tried", async () => {
    const { page } = await open(sites.runs);
    const tried = await page.evaluate(`Promise.all([
      fetch("http://127.0.0.1:9/").then(() => "fetched", () => "refused"),
      new Promise((done) => { addEventListener("securitypolicyviolation", (event) => done(event.violatedDirective)); new Image().src = "http://127.0.0.1:9/x.png"; }),
      new Promise((done) => { const script = document.createElement("script"); script.src = "http://127.0.0.1:9/x.js"; script.onerror = () => done("refused"); script.onload = () => done("ran"); document.head.append(script); }),
    ])`);
    expect(tried).toEqual(["refused", expect.stringMatching(/img-src|connect-src|script-src/), "refused"]);
  });
});

/** Milliseconds from opening the page to the first picture with something in it. */
const firstPaint = `new Promise((done) => new PerformanceObserver((list) => {
  const paint = list.getEntriesByName("first-contentful-paint")[0];
  if (paint) done(paint.startTime);
}).observe({ type: "paint", buffered: true }))`;

/** Visible text whose contrast with what lies behind it is under 4.5 to 1 (WCAG 2.2, 1.4.3). */
const faintText = `(() => {
  const parse = (color) => { const parts = color.match(/[\\d.]+/g).map(Number); const scale = color.startsWith("color(") ? 255 : 1; return [...parts.slice(0, 3).map((part) => part * scale), parts[3] ?? 1]; };
  const over = ([r, g, b, a], under) => [r * a + under[0] * (1 - a), g * a + under[1] * (1 - a), b * a + under[2] * (1 - a), 1];
  const light = ([r, g, b]) => [r, g, b].map((part) => { const one = part / 255; return one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4; }).reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => { const layers = []; for (let one = element; one; one = one.parentElement) { const style = getComputedStyle(one); if (style.backgroundImage !== "none" && one.tagName === "BUTTON") return undefined; layers.push(parse(style.backgroundColor)); } return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255, 1]); };
  const faint = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !element.checkVisibility({ visibilityProperty: true }) || element.closest(".unseen, .recording, .dim, script, noscript, option")) continue;
    const ground = behind(element);
    if (!ground) continue;
    const [a, b] = [light(over(parse(getComputedStyle(element).color), ground)), light(ground)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.add(element.tagName + "." + element.className + " " + ratio.toFixed(2));
  }
  return [...faint];
})()`;

/** Controls without a name for who does not see them. */
const nameless = `[...document.querySelectorAll("button, a[href], input, select, summary, [tabindex='0']")]
  .filter((one) => one.checkVisibility() && !one.closest(".recording"))
  .filter((one) => !(one.getAttribute("aria-label") || one.labels?.length || one.textContent.trim() || one.getAttribute("aria-labelledby")))
  .map((one) => one.outerHTML.slice(0, 120))`;
