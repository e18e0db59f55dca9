import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolderOfFile } from "../model/testdata/temporary.ts";
import { matrixDocument, type MatrixDocument } from "./document.ts";
import { writeSampleGate, type SampleGate } from "./fixtures/sample-gate.ts";
import { decide } from "./gate/decide.ts";
import { loadPolicy } from "./gate/policy.ts";
import { readSeen } from "./gate/read-seen.ts";
import { publishMatrix, type Published } from "./publish.ts";

const folder = temporaryFolderOfFile();
let sample: SampleGate;
let published: Published;
let matrix: MatrixDocument;
let markdown = "";

beforeAll(async () => {
  sample = await writeSampleGate(folder);
  published = await publishMatrix(sample.folders, path.join(folder, "site"), sample.shown);
  matrix = matrixDocument.parse(JSON.parse(await readFile(published.json, "utf8")));
  markdown = await readFile(published.markdown, "utf8");
}, 120_000);

const gate = async (given: readonly string[]) =>
  decide(await readSeen(given), await loadPolicy(sample.policy), await readSeen(sample.baseline), sample.shown.gate!.now);
const named = ({ image, target, suite, test: claim }: Record<"image" | "target" | "suite" | "test", string>) =>
  [image, target, suite, claim].join(" | ");

test("matrix.json has the gate's verdict on every cell, and what is missing beside them", async () => {
  const decision = await gate(sample.folders);
  const absent = new Set(decision.absent.map(named));
  const told = new Map(matrix.cells.map((cell) => [named(cell), cell.judged]));
  const seen = [...decision.cells()].filter((cell) => !absent.has(named(cell)));
  expect(seen.length).toBeGreaterThan(250);
  for (const cell of seen) {
    expect({ of: named(cell), ...told.get(named(cell)) }).toMatchObject({
      of: named(cell),
      verdict: cell.verdict,
      ...(cell.why !== undefined && { why: cell.why }),
    });
    const waiver = told.get(named(cell))?.waiver;
    expect(waiver === undefined ? undefined : matrix.decision!.waivers[waiver]!.reason).toBe(cell.waiver?.reason);
  }
  expect(matrix.decision).toMatchObject({ policy: "release", baseline: ["release 1"], day: "2026-11-22", exitCode: decision.exitCode });
  expect(matrix.decision!.counts).toEqual(decision.counts);
  expect(matrix.decision!.reasons.map(({ text }) => text)).toEqual([...decision.reasons].map(({ text }) => text));
  expect(matrix.decision!.absent.map(named)).toEqual([...absent]);
});

test("a matrix that was published with verdicts decides as its runs do", async () => {
  const [ofRuns, ofMatrix] = [await gate(sample.folders), await gate([published.json])];
  expect([ofMatrix.exitCode, ofMatrix.counts]).toEqual([ofRuns.exitCode, ofRuns.counts]);
});

test("Markdown says what the gate says, marks every verdict and tells every waiver", async () => {
  const section = markdown.slice(markdown.indexOf("## Gate"), markdown.indexOf("## Failures and errors"));
  expect(section).toMatch(
    /^❌ \*\*Gate closed: an image does not do what is claimed\*\* \(policy release, compared with `release 1`, decided on 2026-11-22\): ↓ 3 /m,
  );
  expect(section).toMatch(/^- ❌ regressed: .*\n(?:- ❌ .*\n)+(?:- ⚠️ .*\n)+(?:- ℹ️ .*\n)+/m);
  expect(section).toContain(
    "| the boot counter of this board's firmware counts up | firmware team | https://tracker.example/123 | 2027-03-31 | excuses 2 of 2 |",
  );
  expect(section).toContain("| the kernel measures another phase | ann | T-7 | 2026-10-31 | **expired** |");
  expect(section).toContain("| not built yet | bert | T-11 | 2027-01-31 | **unused** |");
  const attention = markdown.slice(markdown.indexOf("## Failures and errors"), markdown.indexOf("## Results"));
  expect(attention).toContain("↓ regressed");
  expect(attention).not.toContain("waived");
  expect(markdown).toContain("| ❌ fail ⊘ waived |");
  expect(markdown).toContain("| **? missing** |");
  expect(markdown).toContain("- ⊘ waived: a waiver that holds excuses it");
});

test("without a policy nothing is said of verdicts", { timeout: 60_000 }, async () => {
  const plain = await publishMatrix(sample.folders, path.join(folder, "plain"));
  const { decision, cells } = matrixDocument.parse(JSON.parse(await readFile(plain.json, "utf8")));
  expect([decision, ...new Set(cells.map(({ judged }) => judged))]).toEqual([undefined, undefined]);
  expect(await readFile(plain.markdown, "utf8")).not.toMatch(/gate|verdict|regressed/i);
});

test("the summary for a merge request says it too, and other formats refuse a policy", { timeout: 60_000 }, () => {
  const report = (...argv: string[]) =>
    spawnSync(process.execPath, [path.join(import.meta.dirname, "../cli/main.ts"), "report", ...argv], { encoding: "utf8" });
  const asked = ["--policy", sample.policy, "--baseline", sample.baseline[0]!];
  const { stdout, status } = report("markdown", ...sample.folders, ...asked);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^### osbench: .*\n\n❌ \*\*Gate closed: an image does not do what is claimed\*\* \(policy release, /);
  expect(stdout).toContain("| the kernel measures another phase | ann |");
  expect(report("junit", ...sample.folders, ...asked)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("--policy: is for markdown"),
  });
});
