import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endSpareWorker, startSpareWorker } from "./spare.ts";

test("nothing is left of the process that was started early and of its machine, if the run ends before anybody takes it", async () => {
  const pid = startSpareWorker();
  // Where a machine of that process would have its sockets and disks.
  const folder = join(tmpdir(), `osb-vm-${pid}-left`);
  mkdirSync(folder);
  await endSpareWorker();
  expect([existsSync(`/proc/${pid}`), existsSync(folder)]).toEqual([false, false]);
});
