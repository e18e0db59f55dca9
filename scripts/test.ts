import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { runChecks } from "./checks.ts";
import { add, blame, tallyRun, tallyVitest, type Tally } from "./tally.ts";

const root = join(import.meta.dirname, "..");
const full = process.argv.includes("--full");
const image = "debian-ab";
const suites = ["boot", "update", ...(full ? ["rollback", "sysext", "pcr"] : [])];

// A terminal sends Ctrl-C to the whole group: what runs ends by itself, and what was seen until then is still counted.
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => (interrupted = true));

async function run(title: string, argv: readonly string[]): Promise<number | undefined> {
  if (interrupted) return undefined;
  console.log(`\n=== ${title}`);
  return (await execa(process.execPath, argv, { cwd: root, reject: false, stdio: "inherit" })).exitCode;
}

async function check(): Promise<Tally> {
  console.log("=== check");
  return { passed: 0, failed: (await runChecks()) ? 0 : 1, skipped: 0 };
}

/** The harness's own tests of one vitest project: `unit`, those of single modules, or `guest`, those that need a machine. */
async function ownTests(project: string, out: string): Promise<Tally> {
  const report = join(out, `${project}.json`);
  const tags = full ? [] : ["--tags-filter=!full"];
  const argv = ["run", `--project=${project}`, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...tags];
  const exitCode = await run(`${project} tests`, [join(root, "node_modules/vitest/vitest.mjs"), ...argv]);
  return blame(await tallyVitest(report), exitCode);
}

/** The suites against a real image: what osbench is for. */
async function imageTests(out: string): Promise<Tally> {
  const folder = join(out, "run");
  const argv = ["run", ...suites.map((suite) => join("suites", suite)), "--image", image, "--out", folder];
  const exitCode = await run(`suites ${suites.join(", ")} on image ${image}`, [join(root, "harness/cli/main.ts"), ...argv]);
  return blame(await tallyRun(folder), exitCode);
}

const out = join(root, "out", "test");
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
// One after the other: machines have deadlines, and anything beside them makes them slower.
const total = add(await check(), await ownTests("unit", out), await ownTests("guest", out), await imageTests(out));
console.log(`\ntests: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 && !interrupted ? 0 : 1;
