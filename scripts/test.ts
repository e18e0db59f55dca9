import { mkdir, readdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { loadSignatures } from "../harness/diagnosis/signature.ts";
import { openTools } from "../harness/host/toolbox.ts";
import { findImage, imageNames } from "../harness/image/manifest.ts";
import { findTarget, targetNames } from "../harness/machine/targets.ts";
import { runChecks } from "./checks.ts";
import { failuresOfRun, failuresOfVitest, tell, type Failure } from "./failures.ts";
import { add, blame, spoiltByHost, tallyBroken, tallyRun, tallyVerdicts, tallyVitest, type Tally } from "./tally.ts";

const root = join(import.meta.dirname, "..");
/** In this order, one after the other: machines have deadlines, and anything beside them makes them slower. */
const stages: Readonly<Record<string, { readonly full?: true; readonly run: (out: string) => Promise<Tally> }>> = {
  check: { run: check },
  toolbox: { run: toolbox },
  unit: { run: (folder) => ownTests("unit", folder) },
  guest: { run: (folder) => ownTests("guest", folder) },
  suites: { run: imageTests },
  "broken-images": { full: true, run: brokenImages },
  "broken-boots": { full: true, run: brokenBoots },
};

const { values: flags } = parseArgs({
  options: { full: { type: "boolean", default: false }, only: { type: "string" }, help: { type: "boolean", default: false } },
});
const full = flags.full;
const wanted = flags.only?.split(",") ?? Object.keys(stages).filter((name) => full || !stages[name]?.full);
const unknown = wanted.filter((name) => !Object.hasOwn(stages, name));
if (flags.help || unknown.length > 0) {
  const names = Object.entries(stages).map(([name, stage]) => (stage.full ? `${name} (by default only in test:full)` : name));
  const usage = `npm test [-- --only STAGE,STAGE…]\nnpm run test:full [-- --only STAGE,STAGE…]\nStages: ${names.join(", ")}`;
  console.error(unknown.length > 0 ? `--only: there is no stage ${unknown.map((name) => `"${name}"`).join(", ")}\n${usage}` : usage);
  process.exit(unknown.length > 0 ? 2 : 0);
}
/** What of a project's tests is tried a second time: as with suites, never to wash a failure clean, so what then passes is named at the end. */
const secondTry: Readonly<Record<string, string>> = {
  unit: "failed beside others (they start shells, a browser, which have deadlines)",
  guest: "the emulator or this host spoilt",
};
const failures: Failure[] = [];
/** What failed, and passed when it was tried once more. */
const unsteady: Failure[] = [];
const quick = { suites: ["boot", "update"], images: ["debian-ab"], targets: ["x86_64"] };

// A terminal sends Ctrl-C to the whole group: what runs ends by itself, and what was seen until then is still counted.
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => (interrupted = true));

interface Ended {
  /** Undefined if it was not started, or was killed. */
  readonly exitCode: number | undefined;
  /** What it printed, if that was not shown. */
  readonly stdout: string;
}

async function run(title: string, argv: readonly string[], stdout: "inherit" | "pipe" = "inherit"): Promise<Ended> {
  if (interrupted) return { exitCode: undefined, stdout: "" };
  console.log(`\n=== ${title}`);
  const ended = await execa(process.execPath, argv, { cwd: root, reject: false, stdin: "inherit", stdout, stderr: "inherit" });
  return { exitCode: ended.exitCode, stdout: ended.stdout ?? "" };
}

async function check(): Promise<Tally> {
  console.log("=== check");
  return { passed: 0, failed: (await runChecks()) ? 0 : 1, skipped: 0 };
}

/** Makes the toolbox if this host has none: no single test is given the minutes that takes. */
async function toolbox(): Promise<Tally> {
  console.log("\n=== toolbox");
  try {
    await openTools("toolbox", { progress: (line) => console.log(line) });
    return { passed: 0, failed: 0, skipped: 0 };
  } catch (error) {
    console.log((error as Error).message);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** The harness's own tests of one vitest project: `unit`, those of single modules, or `guest`, those that need a machine. */
async function ownTests(project: string, out: string): Promise<Tally> {
  const report = join(out, `${project}.json`);
  const tags = full ? [] : ["--tags-filter=!full"];
  // Unit tests start programs of their own (shells, a browser), which have deadlines; machines are run one after the other.
  const workers = project === "unit" ? [`--maxWorkers=${availableParallelism()}`] : [];
  const argv = ["run", `--project=${project}`, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...tags, ...workers];
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const { exitCode } = await run(`${project} tests`, [vitest, ...argv]);
  if (exitCode === 0) return tallyVitest(report);
  const first = await failuresOfVitest(report, root);
  const again = project === "unit" ? fewFiles(first) : await spoiltByHost(report, await faultsOfHost());
  if (again.length === 0) {
    failures.push(...first);
    return blame(await tallyVitest(report), exitCode);
  }
  const second = join(out, `${project}-again.json`);
  const words = [...argv.map((word) => word.replace(report, second)), ...again];
  const { exitCode: secondCode } = await run(`${project} tests that ${secondTry[project]}, once more and alone`, [vitest, ...words]);
  const still = await failuresOfVitest(second, root);
  failures.push(...first.filter(({ file }) => !again.includes(file)), ...still);
  unsteady.push(...first.filter(({ file, what }) => again.includes(file) && !still.some((one) => one.what === what)));
  return add(await tallyVitest(report, again), blame(await tallyVitest(second), secondCode));
}

/** The files these tests are in, if they are few: a change that breaks many of them is no accident of the moment. */
function fewFiles(failed: readonly Failure[]): string[] {
  const files = [...new Set(failed.map(({ file }) => file))];
  return files.length <= 5 ? files : [];
}

async function faultsOfHost(): Promise<string[]> {
  return (await loadSignatures()).filter(({ fault }) => fault === "emulator" || fault === "host").map(({ id }) => id);
}

/** The suites against real images: what osbench is for. */
async function imageTests(out: string): Promise<Tally> {
  const folder = join(out, "run");
  const { suites, images, targets } = full ? await everything() : quick;
  const flags = [...images.flatMap((image) => ["--image", image]), ...targets.flatMap((target) => ["--target", target])];
  const argv = ["run", ...suites.map((suite) => join("suites", suite)), ...flags, "--out", folder];
  const title = `suites ${suites.join(", ")} on ${images.join(", ")} in ${targets.join(", ")}`;
  const { exitCode } = await run(title, [join(root, "harness/cli/main.ts"), ...argv]);
  failures.push(...(await failuresOfRun(folder)));
  return blame(await tallyRun(folder), exitCode);
}

/** Every suite, image and target there is; images broken on purpose have their own round. */
async function everything(): Promise<typeof quick> {
  const images: string[] = [];
  // Forms have guest tests of their own: the system in them is tiny's each time.
  const names = (await imageNames()).filter((name) => !name.startsWith("forms/"));
  for (const name of names) if (!(await findImage(name)).manifest.broken) images.push(name);
  // No image here is signed: what Secure Boot refuses, and what it lets pass, is tried by the broken boots.
  const open = (await Promise.all((await targetNames()).map(findTarget))).filter(({ declares }) => !declares.includes("secure-boot"));
  return { suites: (await readdir(join(root, "suites"))).sort(), images, targets: open.map(({ target }) => target) };
}

/** Every image that is broken on purpose: the suites that must notice it are run, and one it passes is a failed test of ours. */
async function brokenImages(out: string): Promise<Tally> {
  const argv = [join(root, "scripts/broken.ts"), "--json", "--out", join(out, "broken")];
  const { exitCode, stdout } = await run("images that are broken on purpose", argv, "pipe");
  return blame(tallyBroken(stdout), exitCode);
}

/** Boots that are broken on purpose: each must get the right verdict. */
async function brokenBoots(out: string): Promise<Tally> {
  const argv = [join(root, "scripts/bench.ts"), "verdict", "--json", "--out", join(out, "broken-boots")];
  const { exitCode, stdout } = await run("boots that are broken on purpose", argv, "pipe");
  return blame(tallyVerdicts(stdout), exitCode);
}

const out = join(root, "out", "test");
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
let total: Tally = { passed: 0, failed: 0, skipped: 0 };
for (const name of wanted) total = add(total, await (stages[name] as (typeof stages)[string]).run(out));
if (unsteady.length > 0) console.log(`\n=== failed once, and passed when tried again alone\n${tell(unsteady)}`);
if (failures.length > 0) console.log(`\n=== what failed, once more\n${tell(failures)}`);
console.log(`\ntests: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 && !interrupted ? 0 : 1;
