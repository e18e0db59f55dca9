import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished } from "vitest";

const executablePath = process.env["OSBENCH_CHROMIUM"] ?? "/usr/bin/chromium";

/** Says that there is no browser here, and nothing of it can be tried. */
export const missing = !existsSync(executablePath);

interface Opened {
  readonly page: Page;
  /** What the page said on its console, and what it asked for beyond its own folder. */
  readonly noise: readonly string[];
  /** Names of the pieces it asked for. */
  readonly asked: readonly string[];
}

/** A Chromium for the tests of a file; without one they are reported as skipped. */
export function inBrowser() {
  let browser: Browser;
  beforeAll(async () => {
    // Chromium's own sandbox does not start for root, as in most build containers; the pages opened are our own.
    if (!missing) browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
  }, 60_000);
  afterAll(() => browser?.close(), 60_000);
  beforeEach(({ skip }) => skip(missing, `no browser at ${executablePath}: apt-get install chromium, or name one in OSBENCH_CHROMIUM`));

  const context = async (options: BrowserContextOptions): Promise<BrowserContext> => {
    const made = await browser.newContext(options);
    onTestFinished(() => made.close());
    return made;
  };
  /** Opens a site from its file, without any network. */
  const open = async (html: string, hash = "", options: BrowserContextOptions = {}): Promise<Opened> => {
    const page = await (await context({ offline: true, viewport: { width: 1400, height: 900 }, ...options })).newPage();
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
  };
  return { open, context };
}

/** The page answers at once; a busy host may not let it. */
export function soon<T>(see: () => Promise<T> | T): ReturnType<typeof expect.poll<T>> {
  // oxlint-disable-next-line vitest/require-awaited-expect-poll -- awaited where it is used
  return expect.poll(see, { timeout: 20_000 });
}

/** The first cell of the grid that fails. */
export function failing(page: Page) {
  return page.locator(".cell.fail").first();
}
