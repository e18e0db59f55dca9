import { execa } from "execa";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { record, type CellRecord } from "../harness/model/record.ts";
import { temporaryFolder } from "../harness/model/testdata/temporary.ts";

// Real tools and a real image, prepared as for every run; the suites need no machine, so none is started.
const suites = join(import.meta.dirname, "../harness/run/testdata/suites");
const osbench = join(import.meta.dirname, "../osbench");
let folder: string;
beforeEach(() => void (folder = temporaryFolder()));

/** Runs a program where this host is not taken by the very run this test is in: abstract sockets belong to a network namespace (unix(7)). */
async function alone(...argv: string[]) {
  const unshare = ["--net", ...(process.getuid?.() === 0 ? [] : ["--map-current-user"]), "--"];
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST") && !["NODE_OPTIONS", "TEST", "NODE_ENV"].includes(name)),
  );
  return execa("unshare", [...unshare, ...argv], { env, extendEnv: false, reject: false, stdin: "ignore" });
}

const recordsOf = (run: string): CellRecord[] =>
  readFileSync(join(run, "records.jsonl"), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => record.parse(JSON.parse(line)));
const outcomesIn = (run: string) =>
  recordsOf(run)
    .map(({ suite, test: name, outcome }) => `${suite.name} › ${name}: ${outcome}`)
    .sort();

test(
  "three shards as plain processes are one run; without one of them, its cells are missing and the gate is closed",
  { timeout: 600_000 },
  async () => {
    const policy = join(folder, "policy.yaml");
    writeFileSync(
      policy,
      "policy: lenient\nwaivers:\n  - { cells: { suite: suites/* }, reason: known, owner: us, tracker: t, expires: 2099-01-01 }\n",
    );
    const named = ["mixed.test.ts", "applicable.suite.yaml", "stray.test.ts"].map((name) => join(suites, name));
    const ran = await alone(join(import.meta.dirname, "shards.sh"), "3", folder, ...named, "--image", "tiny");
    expect([ran.exitCode, ran.stdout]).toEqual([0, expect.stringContaining("10 cells of 3 runs")]);
    expect(outcomesIn(join(folder, "merged"))).toEqual([
      "applicable › updates itself: not-applicable",
      "suites/mixed › does not hold: fail",
      "suites/mixed › holds: pass",
      "suites/mixed › is broken: error",
      "suites/mixed › is left out: not-run",
      "suites/mixed › same name (2): fail",
      "suites/mixed › same name: pass",
      "suites/mixed › was made in a loop 1: pass",
      "suites/mixed › was made in a loop 2: pass",
      "suites/stray › forgets to wait: pass",
    ]);
    expect(recordsOf(join(folder, "merged")).filter(({ reason }) => reason?.startsWith("shard"))).toEqual([]);

    // What failed when its test was over belongs to no cell, and no pass hides it.
    expect(ran.stdout).toContain("code failed outside of any test: expected 1 to be 2");
    const open = await alone(osbench, "gate", join(folder, "merged"), "--policy", policy);
    expect([open.exitCode, open.stdout]).toEqual([2, expect.stringContaining("code failed outside of any test")]);

    // The largest is lost: a host that never came back.
    const lost = [1, 2, 3].find((index) => outcomesIn(join(folder, `shards/${index}`)).length === 8);
    rmSync(join(folder, `shards/${lost}`), { recursive: true });
    const again = await alone(osbench, "merge", ...[1, 2, 3].map((index) => join(folder, `shards/${index}`)), "--to", join(folder, "less"));
    expect(again.stdout).toContain(`shards/${lost} holds no run`);
    expect(again.stdout).toContain(`shard ${lost}/3 left nothing`);
    const missing = recordsOf(join(folder, "less")).filter(({ reason }) => reason === `shard ${lost}/3 left nothing`);
    expect(missing.map(({ outcome }) => outcome)).toContain("not-run");
    const gate = await alone(osbench, "gate", join(folder, "less"), "--policy", policy);
    expect([gate.exitCode, gate.stdout]).toEqual([2, expect.stringContaining("missing")]);
  },
);
