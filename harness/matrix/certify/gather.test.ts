import { createHash } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../model/testdata/temporary.ts";
import { evidenceBytes } from "../fixtures/evident-run.ts";
import { SignedRun, type Statements } from "../fixtures/signed-run.ts";
import { aRecord } from "../fixtures/small-run.ts";
import { bundleFile } from "./bundle.ts";

let run: SignedRun;
beforeEach(async () => {
  run = await SignedRun.in(temporaryFolder());
});

const digest = (text: string) => createHash("sha256").update(text).digest("hex");

/** A run too large for lists: many cells, or few with names beyond all measure. */
const large: Readonly<Record<string, () => Promise<void>>> = {
  "20,001 cells": async () => {
    const many = Array.from({ length: 20_001 }, (_, index) => aRecord({ test: `${index}` }));
    await run.write(run.record("a"), run.record("b"), ...many);
  },
  "a hundred names of a million characters": async () => {
    const test = "x".repeat(1_000_000);
    await run.write(run.record("a"), run.record("b"), ...Array.from({ length: 100 }, (_, index) => aRecord({ test: `${index} ${test}` })));
  },
};

test.each(Object.entries(large))("a run with %s gets a small certificate, which covers as much", async (_, make) => {
  await make();
  expect(await run.certify()).toMatchObject({ result: "PASSED", files: 4 });
  expect(statSync(run.at(bundleFile)).size).toBeLessThan(10_000);
  const { testResult, run: whole } = run.statements();
  expect(Object.keys(testResult.predicate)).not.toContain("passedTests");
  const lines = ["a", "b"].map((name) => `${digest(evidenceBytes)}  evidence/${name}/console.raw\n`);
  expect(whole.predicate).toMatchObject({
    files: [{ path: "records.jsonl" }, { path: "run.json" }],
    evidence: { count: 2, bytes: 2 * evidenceBytes.length, sha256: digest(lines.join("")) },
  });
  writeFileSync(run.at("evidence/planted.txt"), "all well");
  expect(await run.verify()).toMatchObject({ holds: true, files: 4, uncovered: ["evidence/planted.txt"] });
});

test("a small certificate of a large run is checked as any other", async () => {
  await large["20,001 cells"]!();
  await run.certify();
  const honest = readFileSync(run.at(bundleFile));
  for (const [change, problem] of [
    [({ run: { predicate } }) => (predicate.evidence!.sha256 = digest("")), "its evidence is not what its records name"],
    [({ run: { predicate } }) => delete predicate.evidence, "its evidence is not what its records name"],
    [({ run: { predicate } }) => predicate.counts["pass"]!++, "its counts are not what its records say"],
    [({ run: { predicate } }) => (predicate.cells = []), expect.stringContaining("the certificate does not cover it")],
    [({ run: { predicate } }) => (predicate.files = []), "records.jsonl: is not covered by the certificate"],
    [({ testResult: { predicate } }) => (predicate.result = "WARNED"), "its result is not what its records say"],
  ] satisfies [(statements: Statements) => unknown, unknown][]) {
    run.lie((statements) => void change(statements));
    const { holds, problems } = await run.verify();
    expect({ holds, problems }).toEqual({ holds: false, problems: expect.arrayContaining([problem]) });
    writeFileSync(run.at(bundleFile), honest);
  }
  writeFileSync(run.at("evidence/b/console.raw"), evidenceBytes.toUpperCase());
  const { holds, problems } = await run.verify();
  expect({ holds, problems: problems.join("\n") }).toEqual({
    holds: false,
    problems: expect.stringMatching(/^evidence\/b\/console\.raw: its bytes are not those that were recorded \(boot › b\)/),
  });
});
