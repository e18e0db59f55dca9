import { existsSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { template } from "../../harness/matrix/template.ts";
import { writeManyRecords, type Repeats } from "../../harness/matrix/fixtures/many-records.ts";

export interface MatrixBench {
  readonly records: number;
  readonly cells: number;
  /** On the wall, and of the processor. */
  readonly buildSeconds: number;
  readonly buildCpuSeconds: number;
  /** Resident set of the process that built, at its largest. */
  readonly peakMiB: number;
  /** From opening the page to the first picture with something in it, the median of five; null where there is no browser. */
  readonly pageLoadSeconds: number | null;
  /** What of it the page's main thread worked. */
  readonly pageCpuSeconds: number | null;
  readonly siteMiB: number;
  /** The gate on the same runs, with the published matrix as its baseline, on the wall and at its largest. */
  readonly gateSeconds: number;
  readonly gatePeakMiB: number;
}

/** The result for people. */
export function matrixWords({ records, cells, pageLoadSeconds, pageCpuSeconds, siteMiB, ...one }: MatrixBench): string[] {
  const micro = ((one.buildCpuSeconds * 1e6) / records).toFixed(0);
  const built = `built in ${one.buildSeconds.toFixed(1)} s (${micro} µs of the processor a record), ${one.peakMiB.toFixed(0)} MiB`;
  return [
    `${records} records of ${cells} cells: ${built}`,
    `  the gate decides in ${one.gateSeconds.toFixed(1)} s, ${one.gatePeakMiB.toFixed(0)} MiB`,
    pageLoadSeconds === null || pageCpuSeconds === null
      ? "  no browser to open the page with"
      : `  the page shows after ${pageLoadSeconds.toFixed(2)} s (${pageCpuSeconds.toFixed(2)} s of work); the site has ${siteMiB.toFixed(0)} MiB`,
  ];
}

/**
 * Writes runs of so many records, publishes them in a process of their own, and opens the page in Chromium. Records past 10,000 are older outcomes of
 * the same cells, or cells of their own.
 */
export async function benchMatrix(records: number, repeats: Repeats, progress: (line: string) => void): Promise<MatrixBench> {
  const folder = await mkdtemp(join(tmpdir(), "osbench-bench-matrix-"));
  try {
    progress(`writing ${records} records`);
    const runs = writeManyRecords(join(folder, "out"), records, repeats);
    // Built once for all that is published; not what is measured here.
    await template();
    progress(`publishing ${runs.length} runs`);
    const built = await child<Built>(publisher, join(folder, "out"), join(folder, "site"));
    progress("asking the gate");
    const decided = await child<Pick<MatrixBench, "gateSeconds" | "gatePeakMiB">>(decider, join(folder, "out"), join(folder, "site"));
    progress("opening the page");
    return { records, ...built, ...decided, ...(await load(join(folder, "site", "index.html"))) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In a process of its own, whose memory is nobody else's. */
const publisher = `
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { publishMatrix } from ${JSON.stringify(new URL("../../harness/matrix/publish.ts", import.meta.url).href)};
import { runFoldersIn } from ${JSON.stringify(new URL("../../harness/matrix/read-run.ts", import.meta.url).href)};
const [out, site] = process.argv.slice(1);
const began = performance.now();
const { counts } = await publishMatrix(await runFoldersIn(out), site);
const buildSeconds = (performance.now() - began) / 1000;
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
let bytes = 0;
for (const entry of await readdir(site, { recursive: true, withFileTypes: true }))
  if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
const cells = Object.values(counts).reduce((sum, count) => sum + count, 0);
console.log(JSON.stringify({ cells, buildSeconds, buildCpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMiB: maxRSS / 1024, siteMiB: bytes / 1048576 }));
`;

type Built = Pick<MatrixBench, "cells" | "buildSeconds" | "buildCpuSeconds" | "peakMiB" | "siteMiB">;

/** Every verdict, and every reason, as `osbench gate --json` walks over them. */
const decider = `
import { join } from "node:path";
import { decide } from ${JSON.stringify(new URL("../../harness/matrix/gate/decide.ts", import.meta.url).href)};
import { strictest } from ${JSON.stringify(new URL("../../harness/matrix/gate/policy.ts", import.meta.url).href)};
import { readSeen } from ${JSON.stringify(new URL("../../harness/matrix/gate/read-seen.ts", import.meta.url).href)};
import { runFoldersIn } from ${JSON.stringify(new URL("../../harness/matrix/read-run.ts", import.meta.url).href)};
const [out, site] = process.argv.slice(1);
const began = performance.now();
const current = await readSeen(await runFoldersIn(out));
const decision = decide(current, strictest, await readSeen([join(site, "matrix.json")]), new Date());
let walked = 0;
for (const each of [decision.reasons, decision.cells()]) for (const one of each) walked += JSON.stringify(one).length;
const gateSeconds = (performance.now() - began) / 1000;
console.log(JSON.stringify({ gateSeconds, gatePeakMiB: process.resourceUsage().maxRSS / 1024 }));
`;

async function child<T>(program: string, ...args: readonly string[]): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program, ...args]);
  return JSON.parse(stdout) as T;
}

const firstPaint = `new Promise((done) => new PerformanceObserver((list) => {
  const paint = list.getEntriesByName("first-contentful-paint")[0];
  if (paint) done(paint.startTime);
}).observe({ type: "paint", buffered: true }))`;

async function load(html: string): Promise<Pick<MatrixBench, "pageLoadSeconds" | "pageCpuSeconds">> {
  const executablePath = process.env["OSBENCH_CHROMIUM"] ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) return { pageLoadSeconds: null, pageCpuSeconds: null };
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
  try {
    const walls: number[] = [];
    const works: number[] = [];
    for (let round = 0; round < 5; round++) {
      const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, offline: true });
      const page = await context.newPage();
      const metrics = await context.newCDPSession(page);
      await metrics.send("Performance.enable", { timeDomain: "threadTicks" });
      await page.goto(pathToFileURL(html).href);
      walls.push(Number(await page.evaluate(firstPaint)) / 1000);
      const { metrics: values } = await metrics.send("Performance.getMetrics");
      works.push(values.find(({ name }) => name === "TaskDuration")!.value);
      await context.close();
    }
    const median = (values: number[]) => values.sort((a, b) => a - b)[2]!;
    return { pageLoadSeconds: median(walls), pageCpuSeconds: median(works) };
  } finally {
    await browser.close();
  }
}
