import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { cacheFolder } from "../host/cache.ts";
import { ownFolder } from "../host/place.ts";
import { record, type CellRecord } from "../model/record.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";

const suite = join(import.meta.dirname, "testdata/guest/branches.suite.yaml");
const limit = 600_000;

/** Runs the suite as a user would, where this host is not taken by the run this test is in; resolves with its records by test. */
async function runSuite(...flags: string[]): Promise<Map<string, CellRecord>> {
  return (await runIn(join(temporaryFolder(), "run"), flags)).records;
}

async function runIn(out: string, flags: readonly string[] = []): Promise<{ out: string; records: Map<string, CellRecord> }> {
  const clean = Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NODE_OPTIONS$|TEST$|NODE_ENV$)/.test(name));
  const unshare = ["unshare", ...(process.getuid?.() === 0 ? [] : ["--map-current-user"]), "--net", "--", process.execPath];
  const argv = ["run", suite, "--image", "tiny", "--workers", "1", "--no-live", "--out", out, ...flags];
  const [file = "", ...rest] = [...unshare, join(ownFolder, "harness/cli/main.ts"), ...argv];
  const child = spawn(file, rest, { env: Object.fromEntries(clean), stdio: ["ignore", "pipe", "pipe"] });
  const [said, complained] = [text(child.stdout), text(child.stderr)];
  const [code] = (await once(child, "close")) as [number];
  if (code > 1) throw new Error(`exit code ${code}:\n${await said}\n${await complained}`);
  const lines = readFileSync(join(out, "records.jsonl"), "utf8").trimEnd().split("\n");
  return { out, records: new Map(lines.map((line) => record.parse(JSON.parse(line))).map((one) => [one.test, one])) };
}

/** How far the guest's clock was from the host's when the test asked for the time, in seconds. */
function clockOff(out: string, { evidence }: CellRecord): number {
  const log = readFileSync(join(out, evidence.find(({ name }) => name === "steps.jsonl")!.path), "utf8")
    .trimEnd()
    .split("\n");
  const steps = log.map((line) => JSON.parse(line) as { step: string; started: string; commands: { stdout: string }[] });
  const asked = steps.find(({ step }) => step.startsWith("run: date"))!;
  return Math.abs(Number(asked.commands[0]!.stdout) - Date.parse(asked.started) / 1000);
}

const outcomes = {
  "makes a moment, and goes on": "pass",
  "starts from it, and makes one that is further": "pass",
  "sees nothing of what the others did, and reboots": "pass",
  "starts from the one that is further": "pass",
  "fails before its moment": "fail",
  "starts from what was never made": "not-run",
  "claims something about its boot": "pass",
};
const outcomesOf = (records: ReadonlyMap<string, CellRecord>) =>
  Object.fromEntries([...records].map(([name, { outcome }]) => [name, outcome]));
const startOf = (records: ReadonlyMap<string, CellRecord>, name: string) => records.get(name)?.machines[0]?.start;
/** Other runs on this host have moments of their own; these are the suite's. */
function ownMoments(): string[] {
  const folder = join(cacheFolder(), "moments");
  return readdirSync(folder).filter((name) => {
    const facts = join(folder, name, "moment.json");
    return existsSync(facts) && /^\{"schema":\d+,"name":"(?:made|further)"/.test(readFileSync(facts, "utf8"));
  });
}

test("tests fork the moments other tests made, each on its own, and leave none behind", { timeout: limit }, async () => {
  const { out, records } = await runIn(join(temporaryFolder(), "run"));
  expect(outcomesOf(records)).toEqual(outcomes);
  for (const [name, moment] of [
    ["starts from it, and makes one that is further", "made"],
    ["sees nothing of what the others did, and reboots", "made"],
    ["starts from the one that is further", "further"],
    ["fails before its moment", "further"],
  ] as const)
    expect(startOf(records, name)).toMatchObject({ kind: "forked", moment: { name: moment } });
  expect(startOf(records, "claims something about its boot")).toEqual({ kind: "booted" });
  expect(records.get("starts from what was never made")).toMatchObject({
    reason: 'it starts from the moment `never`, which was never made after "fails before its moment" failed',
    machines: [],
  });
  // A reboot lies between the saving and the test that asks for the time that is.
  expect(clockOff(out, records.get("starts from the one that is further")!)).toBeLessThan(8);
  expect(ownMoments()).toEqual([]);
});

test("a test that runs alone makes what it starts from itself, and says so", { timeout: limit }, async () => {
  const records = await runSuite("--filter", "starts from the one that is further");
  expect(outcomesOf(records)).toEqual({ "starts from the one that is further": "pass" });
  expect(startOf(records, "starts from the one that is further")).toMatchObject({
    kind: "forked",
    moment: { name: "booted" },
    why: "no test of this run has made the moment `further`",
  });
});

test("afresh, every test boots, and gets to its moment by the steps that lead there", { timeout: limit, tags: ["full"] }, async () => {
  const records = await runSuite("--fresh");
  expect(outcomesOf(records)).toEqual(outcomes);
  const why = "the run was asked to boot every machine afresh";
  expect(startOf(records, "starts from the one that is further")).toEqual({ kind: "booted", why });
});
