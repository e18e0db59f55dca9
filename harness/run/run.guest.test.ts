import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { ownFolder } from "../host/place.ts";
import { record, runProvenance } from "../model/record.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";

// Real tools and a real image, prepared as for every run; the suites need no machine, so none is started.
const testdata = join(import.meta.dirname, "testdata");
const suites = (...names: string[]) => names.map((name) => join(testdata, "suites", name));

let folder: string;
let child: ChildProcess | undefined;
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => {
  if (child?.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
});

/** Starts a program where this host is not taken by the very run this test is in: abstract sockets belong to a network namespace (unix(7)). */
function start(argv: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  const unshare = ["unshare", ...(process.getuid?.() === 0 ? [] : ["--map-current-user"]), "--net", "--"];
  const clean = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("VITEST") && !["NODE_OPTIONS", "TEST", "NODE_ENV"].includes(name),
  );
  const [file = "", ...rest] = [...unshare, process.execPath, ...argv];
  const started = spawn(file, rest, {
    ...options,
    env: { ...Object.fromEntries(clean), ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  child = started;
  const ended = once(started, "close").then(([code]) => code as number | null);
  const [stdout, stderr] = [text(started.stdout), text(started.stderr)];
  /** Waits for the end, and shows what was said if it is another than expected. */
  const exits = async (code: number) => {
    if ((await ended) !== code) throw new Error(`exit code ${await ended}, not ${code}:\n${await stderr}`);
  };
  return { pid: started.pid as number, stdout, exits };
}

const osbenchRun = (...argv: string[]) =>
  start([join(ownFolder, "harness/cli/main.ts"), "run", ...argv, "--image", "tiny", "--out", join(folder, "run")]);
const outcomesIn = (run: string) =>
  readFileSync(join(run, "records.jsonl"), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => record.parse(JSON.parse(line)))
    .map(({ test: name, outcome }) => `${name}: ${outcome}`)
    .sort();

const mixed = ["does not hold: fail", "holds: pass", "is broken: error", "is left out: not-run", "same name (2): fail", "same name: pass"];
const all = [...mixed, "updates itself: not-applicable", "was made in a loop 1: pass", "was made in a loop 2: pass"];

test(
  "osbench run: records, provenance, matrix, JUnit, a JSON summary alone on stdout, and the exit code",
  { timeout: 600_000 },
  async () => {
    const junit = join(folder, "junit.xml");
    const run = osbenchRun(...suites("mixed.test.ts", "applicable.suite.yaml"), "--json", "--junit", junit);
    await run.exits(1);
    const summary = JSON.parse(await run.stdout) as { exitCode: number; counts: object; matrix: string };
    expect(summary).toMatchObject({ exitCode: 1, counts: { pass: 4, fail: 2, error: 1, "not-applicable": 1, "not-run": 1 } });
    expect(outcomesIn(join(folder, "run"))).toEqual(all);
    expect(existsSync(summary.matrix)).toBe(true);
    expect(readFileSync(junit, "utf8")).toContain('tests="9" failures="2" errors="2" skipped="1"');
    const provenance = runProvenance.parse(JSON.parse(readFileSync(join(folder, "run/run.json"), "utf8")));
    expect(provenance).toMatchObject({
      targets: ["x86_64"],
      images: [{ name: "tiny" }],
      toolbox: expect.stringMatching(/./),
      finished: expect.stringMatching(/Z$/),
    });
    expect(provenance.planned).toHaveLength(9);
  },
);

test("osbench run --filter runs what was asked for and plans nothing else", { timeout: 600_000 }, async () => {
  const run = osbenchRun(...suites("mixed.test.ts"), "--filter", "made in a loop");
  await run.exits(0);
  expect(outcomesIn(join(folder, "run"))).toEqual(["was made in a loop 1: pass", "was made in a loop 2: pass"]);
});

test("the first machine is started before vitest is read, and only that one", { timeout: 600_000 }, async () => {
  const run = osbenchRun(...suites("starts.suite.yaml"), "--filter", "starts", "--workers", "1");
  await run.exits(0);
  expect(outcomesIn(join(folder, "run"))).toEqual(["starts once more: pass", "starts: pass"]);
  const evidence = readdirSync(join(folder, "run/evidence")).map((name) => join(folder, "run/evidence", name));
  expect(evidence).toHaveLength(2);
  // Clearly positive if the machine ran when its step began; times of files are as coarse as the kernel's tick.
  const ahead = evidence.map((place) => {
    const [step] = readFileSync(join(place, "steps.jsonl"), "utf8").split("\n");
    return Date.parse((JSON.parse(step as string) as { started: string }).started) - statSync(join(place, "qemu.log")).birthtimeMs;
  });
  expect(ahead.filter((ms) => ms > 20)).toHaveLength(1);
});

test("from its bundle, osbench loads none of the sources that were bundled", { timeout: 600_000 }, async () => {
  const log = join(folder, "loaded");
  const hook = join(import.meta.dirname, "testdata/log-loads.mjs");
  const env = { NODE_OPTIONS: `--import ${hook}`, LOG_LOADS: log };
  const bundle = mkdtempSync(join(ownFolder, "node_modules/.osbench-test-"));
  onTestFinished(() => rmSync(bundle, { recursive: true, force: true }));
  const make = `(await import(${JSON.stringify(join(ownFolder, "harness/cli/bundle/make.ts"))})).makeBundle(${JSON.stringify(bundle)})`;
  await start(["--input-type=module", "--eval", `console.log((await ${make}).start)`]).exits(0);
  const { start: entry } = JSON.parse(readFileSync(join(bundle, "bundle.json"), "utf8")) as { start: string };
  const argv = ["run", ...suites("starts.suite.yaml", "typed.test.ts"), "--workers", "1", "--image", "tiny", "--out", join(folder, "run")];
  await start([entry, ...argv], { env }).exits(0);
  expect(outcomesIn(join(folder, "run"))).toContain("typed: pass");
  const loaded = [...new Set(readFileSync(log, "utf8").split("\n"))];
  expect(loaded.some((url) => url.includes(bundle))).toBe(true);
  expect(loaded.filter((url) => url.includes(`${ownFolder}/harness/`) && !url.includes("/testdata/"))).toEqual([]);
});

test("for a test that the manifests rule out no machine is started", { timeout: 600_000 }, async () => {
  const run = osbenchRun(...suites("starts.suite.yaml"), "--workers", "1");
  await run.exits(0);
  expect(outcomesIn(join(folder, "run"))).toEqual([
    "is never asked for a machine: not-applicable",
    "starts once more: pass",
    "starts: pass",
  ]);
  expect(readdirSync(join(folder, "run/evidence"))).toHaveLength(2);
});

test("Ctrl-C ends osbench run in order, with a matrix of what was reached", { timeout: 600_000 }, async () => {
  const run = osbenchRun(...suites("waits.test.ts", "starts.suite.yaml"), "--workers", "1");
  // Its own first words are that a test waits: from then on, interrupting it means something.
  for (let seen = ""; !seen.includes("is done at once");) seen += String((await once(child?.stdout as NodeJS.ReadableStream, "data"))[0]);
  process.kill(-run.pid, "SIGINT");
  await run.exits(130);
  // What was never begun counts, too.
  expect(await run.stdout).toContain("1 pass, 5 not-run");
  expect(outcomesIn(join(folder, "run"))).toEqual([
    "comes after: not-run",
    "is done at once: pass",
    "is never asked for a machine: not-run",
    "starts once more: not-run",
    "starts: not-run",
    "waits until it is told to stop: not-run",
  ]);
  expect(existsSync(join(folder, "run/matrix/index.html"))).toBe(true);
});

test("plain vitest with osbench/vitest in its configuration writes the same records", { timeout: 600_000 }, async () => {
  const vitest = join(ownFolder, "node_modules/vitest/vitest.mjs");
  const run = start([vitest, "run", "mixed", "applicable"], { cwd: testdata, env: { RECORDS: folder } });
  await run.exits(1);
  const [name = ""] = readdirSync(folder);
  expect(outcomesIn(join(folder, name))).toEqual(all);
  expect(runProvenance.parse(JSON.parse(readFileSync(join(folder, name, "run.json"), "utf8"))).planned).toHaveLength(9);
});
