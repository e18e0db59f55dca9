import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../model/testdata/temporary.ts";
import { writeManyRecords } from "../fixtures/many-records.ts";

const at = (file: string) => JSON.stringify(path.join(import.meta.dirname, file));

const program = `
import { decide } from ${at("decide.ts")};
import { strictest } from ${at("policy.ts")};
import { readSeen } from ${at("read-seen.ts")};
import { runFoldersIn } from ${at("../read-run.ts")};
const folders = await runFoldersIn(process.argv[1]);
const [current, baseline] = [await readSeen(folders), await readSeen(folders)];
const decision = decide(current, strictest, baseline, new Date("2027-01-01T00:00:00Z"));
let cells = 0;
let heldMiB = 0;
const held = () => { globalThis.gc(); heldMiB = Math.max(heldMiB, process.memoryUsage().heapUsed / 2 ** 20); };
for (const cell of decision.cells()) if (++cells % 2000 === 0) held();
let reasons = 0;
for (const reason of decision.reasons) if (++reasons % 500 === 0) held();
console.log(JSON.stringify({ cells, reasons, listed: decision.reasons.length, heldMiB }));`;

function deciding(cells: number) {
  const folder = temporaryFolder();
  writeManyRecords(folder, cells, "distinct");
  const { stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", "--input-type=module", "-e", program, folder], {
    encoding: "utf8",
  });
  return JSON.parse(stdout || JSON.stringify(stderr)) as Record<"cells" | "reasons" | "listed" | "heldMiB", number>;
}

test("ten times the cells are decided on in hardly more memory, with a baseline as large", { timeout: 120_000 }, () => {
  const [few, many] = [deciding(4000), deciding(40_000)];
  expect(few.cells).toBe(4000);
  expect(many).toMatchObject({ cells: 40_000, reasons: many.listed });
  expect(many.reasons).toBeGreaterThan(1000);
  // Lines that are not on disk yet take up to 8 MiB a source; to hold the cells takes 18 altogether.
  expect(many.heldMiB - few.heldMiB).toBeLessThan(15);
});
