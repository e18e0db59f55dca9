import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { freezeEvidence, listEvidence } from "./evidence.ts";

let run: string;
beforeEach(() => {
  run = temporaryFolder();
  mkdirSync(join(run, "evidence/cell/tpm"), { recursive: true });
  writeFileSync(join(run, "evidence/cell/console.cast"), "boot\n");
  writeFileSync(join(run, "evidence/cell/tpm/eventlog"), Buffer.from([0, 1, 2]));
});

test("lists files below the cell's folder with path, size and digest", async () => {
  const sha256 = createHash("sha256").update("boot\n").digest("hex");
  expect(await listEvidence(run, join(run, "evidence/cell"))).toEqual([
    { name: "console.cast", path: "evidence/cell/console.cast", sha256, bytes: 5 },
    { name: "tpm/eventlog", path: "evidence/cell/tpm/eventlog", sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: 3 },
  ]);
  expect(await listEvidence(run, join(run, "evidence/nothing"))).toEqual([]);
});

test("frozen evidence stays what it was while the machine goes on writing", async () => {
  await freezeEvidence(join(run, "evidence/cell"), join(run, "evidence/cell-at-first-test"));
  appendFileSync(join(run, "evidence/cell/console.cast"), "more");
  expect(readFileSync(join(run, "evidence/cell-at-first-test/console.cast"), "utf8")).toBe("boot\n");
});
