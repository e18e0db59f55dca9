import { execa } from "execa";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { makeWorkspace } from "../../harness/host/workspace.ts";
import { ownFolder } from "../../harness/host/place.ts";
import { targetNames } from "../../harness/machine/targets.ts";
import type { CellRecord } from "../../harness/model/record.ts";
import type { Timing } from "../../harness/run/schedule/workload.ts";

export interface ScheduleBench {
  /** From the command's start to its end. */
  readonly wallSeconds: number;
  /** The longest suite, or all time spent in claims divided among the machines that may run at once, whichever is more. */
  readonly lowerBoundSeconds: number;
  readonly ratio: number;
  readonly machines: number;
  readonly cells: number;
  readonly counts: Readonly<Record<string, number>>;
  /** Cells without an outcome that says something: errors, and what did not run. */
  readonly unexplained: readonly string[];
}

export interface ScheduleBenchOptions {
  readonly suites: readonly string[];
  readonly images: readonly string[];
  /** Empty: every built-in one. */
  readonly targets: readonly string[];
  readonly workers: number | undefined;
  readonly out: string | undefined;
}

interface Summary {
  readonly timing: Timing;
  readonly counts: Readonly<Record<string, number>>;
  readonly records: readonly CellRecord[];
}

/** Runs a matrix as anybody would, with `osbench run`, and compares its wall time with the least any order of its suites could take. */
export async function benchSchedule({ suites, images, targets, workers, out }: ScheduleBenchOptions): Promise<ScheduleBench> {
  const folder = out ?? (await makeWorkspace("bench"));
  const named = targets.length > 0 ? targets : await targetNames();
  const argv = [
    ...["run", ...suites, ...images.flatMap((image) => ["--image", image]), ...named.flatMap((target) => ["--target", target])],
    ...["--json", "--no-live", "--out", join(folder, "run"), ...(workers === undefined ? [] : ["--workers", String(workers)])],
  ];
  const began = performance.now();
  const { stdout, exitCode } = await execa(join(ownFolder, "osbench"), argv, { reject: false, stderr: "inherit", stdin: "ignore" });
  const wallSeconds = (performance.now() - began) / 1000;
  if (exitCode === undefined || exitCode === 2 || exitCode === 130)
    throw new Error(`osbench ${argv.join(" ")} ended with exit code ${exitCode}`);
  const { timing, counts, records } = JSON.parse(stdout) as Summary;
  if (out === undefined) await rm(folder, { recursive: true, force: true });
  return {
    wallSeconds: Math.round(wallSeconds * 10) / 10,
    lowerBoundSeconds: Math.round(timing.lowerBoundSeconds * 10) / 10,
    ratio: Math.round((wallSeconds / timing.lowerBoundSeconds) * 1000) / 1000,
    machines: timing.machines,
    cells: records.length,
    counts,
    unexplained: records.filter(({ outcome }) => outcome === "error" || outcome === "not-run").map(wordsOf),
  };
}

function wordsOf({ image, target, suite, test, outcome, reason, failure }: CellRecord): string {
  const why = (reason ?? failure?.message ?? "").split("\n")[0];
  return `${outcome}: ${image.name} × ${target.name} ${suite.name} › ${test}: ${why}`;
}
