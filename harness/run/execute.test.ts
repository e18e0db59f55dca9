import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, watch } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { record, type CellRecord } from "../model/record.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";

const testdata = join(import.meta.dirname, "testdata");
let folder: string;
let child: ChildProcess;
let graceMs = 60_000;

beforeEach(() => {
  folder = temporaryFolder();
  graceMs = 60_000;
});
afterEach(() => {
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
});

/** Starts a run in a process group of its own, as a terminal does. */
function start(...suites: string[]): ChildProcess {
  const files = suites.map((name) => join(testdata, "suites", `${name}.test.ts`));
  // Not this worker's own settings: a run inside a run would take itself for a test.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST") && name !== "NODE_OPTIONS"));
  child = spawn(process.execPath, [join(testdata, "child.ts"), folder, String(graceMs), ...files], {
    stdio: ["ignore", "inherit", "pipe"],
    detached: true,
    env: { ...env, XDG_CACHE_HOME: join(folder, "cache") },
  });
  child.stderr?.resume();
  return child;
}

async function end(): Promise<number | null> {
  const [code] = (await once(child, "close")) as [number | null];
  return code;
}

const lines = (name: string) =>
  existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8").split("\n").filter(Boolean) : [];
const records = (): CellRecord[] => lines("records.jsonl").map((line) => record.parse(JSON.parse(line)));
const outcomes = () => Object.fromEntries(records().map(({ test: name, outcome }) => [name, outcome]));
const pidOf = (what: string) =>
  Number(
    lines("noted")
      .find((line) => line.startsWith(what))
      ?.split(" ")[1],
  );
const alive = (pid: number) => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));

/** Resolves once the run's folder is in the state asked for; looks whenever it changes. */
async function until(state: () => boolean): Promise<void> {
  if (state()) return;
  const watcher = watch(folder, { persistent: true });
  try {
    await new Promise<void>((resolve, reject) => {
      watcher.on("change", () => state() && resolve());
      child.once("exit", () => reject(new Error(`the run ended: ${lines("records.jsonl").join("\n")}`)));
    });
  } finally {
    watcher.close();
  }
}

const waiting = () => lines("noted").some((line) => line.startsWith("waiting")) && records().length > 0;

test("the process that was started early becomes the first worker", async () => {
  start("says-who");
  await end();
  expect(pidOf("spare")).toBeGreaterThan(0);
  expect(pidOf("worker")).toBe(pidOf("spare"));
  expect(alive(pidOf("spare"))).toBe(false);
});

test("every planned cell gets a record, whatever becomes of its file or its worker", async () => {
  start("mixed", "dies", "unloadable");
  expect(await end()).toBe(1);
  expect(outcomes()).toEqual({
    holds: "pass",
    "does not hold": "fail",
    "is broken": "error",
    "is left out": "not-run",
    "was made in a loop 1": "pass",
    "was made in a loop 2": "pass",
    "same name": "pass",
    "same name (2)": "fail",
    "is fine before": "pass",
    "kills its worker": "error",
    "never comes": "not-run",
    "cannot be tried": "error",
  });
  expect(records().length).toBe(12);
  expect(existsSync(join(folder, "cache/osbench/vite"))).toBe(false);
  expect(records().find(({ test: name }) => name === "kills its worker")?.failure?.message).toMatch(/worker process died.*SIGKILL/);
});

test("a suite that the emulator spoilt is tried once more, and what failed stays failed", async () => {
  start("starved", "mixed");
  expect(await end()).toBe(1);
  const of = (name: string) => records().filter(({ test: one }) => one === name);
  expect(of("is starved the first time")).toMatchObject([
    { outcome: "error", attempts: 1, failure: { diagnosis: { fault: "emulator" } } },
    { outcome: "pass", attempts: 2 },
  ]);
  expect(of("does not hold the first time")).toMatchObject([{ outcome: "fail", attempts: 1 }]);
  expect(of("holds each time")).toMatchObject([{ attempts: 1 }, { outcome: "pass", attempts: 2 }]);
  // An error of the harness itself is a bug, and other suites are none of it.
  expect(of("is broken")).toMatchObject([{ outcome: "error", attempts: 1 }]);
});

test("a claim that is not waited for fails outside of any test, and no pass hides it", async () => {
  start("stray");
  expect(await end()).toBe(3);
  expect(outcomes()).toEqual({ "forgets to wait": "pass" });
});

test.each(["after-file", "after-group"])("what fails once every claim was tried is a pass nobody may rely on: %s", async (suite) => {
  start(suite);
  expect(await end()).toBe(3);
  expect(Object.values(outcomes())).toEqual(["pass"]);
});

test("a claim that failed stays failed when the suite's own file tries it again", async () => {
  start("washed");
  expect(await end()).toBe(1);
  expect(outcomes()).toEqual({ "holds at the third try": "fail", "holds in the last of its rounds": "pass" });
  const [washed] = records();
  expect(washed).toMatchObject({ attempts: 3, failure: { message: expect.stringMatching(/^failed 2 of 3 times, then held: .*to be 3/) } });
});

test.each(["SIGINT", "SIGTERM"] as const)("%s closes machines, keeps records, says what did not run and exits 130", async (signal) => {
  start("waits");
  await until(waiting);
  // Ctrl-C reaches the whole process group, workers too; a service manager's SIGTERM the main process.
  process.kill(signal === "SIGINT" ? -(child.pid as number) : (child.pid as number), signal);
  expect(await end()).toBe(130);
  expect(lines("noted")).toContain("disposed");
  expect(alive(pidOf("guest"))).toBe(false);
  expect(outcomes()).toEqual({ "is done at once": "pass", "waits until it is told to stop": "not-run", "comes after": "not-run" });
  expect(records()[2]?.reason).toMatch(/interrupted/);
});

test("a test that does not listen is ended after some grace, and its records are kept", async () => {
  graceMs = 300;
  start("stubborn");
  await until(waiting);
  child.kill("SIGTERM");
  expect(await end()).toBe(130);
  await gone(pidOf("worker"), pidOf("guest"));
  expect(outcomes()).toEqual({ "is done at once": "pass", "does not listen": "not-run", "comes after": "not-run" });
});

test("suites whose turn has not come are never started, and said not to have run", async () => {
  graceMs = 300;
  // The first two take both places; the next two stand at the gate in workers of their own, the last has none yet.
  start("waits", "stubborn", "starved", "stray", "unloadable");
  await until(() => lines("noted").filter((line) => line.startsWith("waiting")).length === 2);
  child.kill("SIGTERM");
  expect(await end()).toBe(130);
  const said = records().filter(({ test: name }) => ["holds each time", "forgets to wait", "cannot be tried"].includes(name));
  expect(said).toHaveLength(3);
  for (const { outcome, reason } of said) expect([outcome, reason]).toEqual(["not-run", "the run was interrupted by SIGTERM"]);
});

test("a second Ctrl-C ends the run at once, and no machine remains", async () => {
  start("stubborn");
  await until(waiting);
  const group = -(child.pid as number);
  process.kill(group, "SIGINT");
  await until(() => lines("noted").includes("asked to stop"));
  process.kill(group, "SIGINT");
  expect(await end()).toBe(130);
  await gone(pidOf("worker"), pidOf("guest"));
});

test("workers and machines die with a run that is killed", async () => {
  start("waits");
  await until(waiting);
  child.kill("SIGKILL");
  await end();
  await gone(pidOf("worker"), pidOf("guest"));
  expect(outcomes()).toEqual({ "is done at once": "pass" });
});

/** Nobody tells when a process that is not one's child has ended, so this one test looks. */
async function gone(...pids: number[]): Promise<void> {
  for (const pid of pids) await expect.poll(() => alive(pid), { interval: 20 }).toBe(false);
}
