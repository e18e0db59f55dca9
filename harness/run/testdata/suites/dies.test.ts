/* oxlint-disable vitest/expect-expect -- what a run is tried on, not what is tested */
import { existsSync, readFileSync, watch } from "node:fs";
import { join } from "node:path";
import { inject, test } from "vitest";

/** Resolves once the run has written this test's record. */
async function recorded(test: string): Promise<void> {
  const { runFolder } = inject("osbench");
  const file = join(runFolder, "records.jsonl");
  const isThere = () => existsSync(file) && readFileSync(file, "utf8").includes(`"${test}"`);
  await new Promise<void>((resolve) => {
    const look = () => isThere() && resolve();
    watch(runFolder, look);
    look();
  });
}

test("is fine before", () => {});

test("kills its worker", async () => {
  await recorded("is fine before");
  process.kill(process.pid, "SIGKILL");
  await new Promise(() => {});
});

test("never comes", () => {});
