import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { writeAllure } from "./allure.ts";
import { exampleRecord } from "./examples.ts";

interface Result {
  readonly name: string;
  readonly status: string;
  readonly start: number;
  readonly stop: number;
  readonly statusDetails: { readonly message?: string };
  readonly attachments: { readonly name: string; readonly source: string }[];
}

test("a result a record: errors are broken, not failed, and evidence is attached", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "evidence/c"), { recursive: true });
  writeFileSync(join(folder, "evidence/c/journal.txt"), "what the journal said");
  const evidence = [{ name: "journal.txt", path: "evidence/c/journal.txt", sha256: "00", bytes: 21 }];
  const results = join(folder, "results");
  writeAllure(
    folder,
    [
      exampleRecord({ test: "fails", outcome: "fail", failure: { message: "no prompt", details: {} }, evidence }),
      exampleRecord({ test: "breaks", outcome: "error", failure: { message: "QEMU died", details: {} } }),
      exampleRecord({ test: "never", outcome: "not-run", reason: "interrupted" }),
    ],
    results,
  );
  const written = readdirSync(results)
    .filter((name) => name.endsWith("-result.json"))
    .map((name) => JSON.parse(readFileSync(join(results, name), "utf8")) as Result);
  const by = Object.fromEntries(written.map((result) => [result.name, result]));
  expect(by["fails"]).toMatchObject({ status: "failed", statusDetails: { message: "no prompt" } });
  expect(by["fails"]).toMatchObject({ start: Date.parse(exampleRecord().started), stop: Date.parse(exampleRecord().started) + 1000 });
  expect(readFileSync(join(results, by["fails"]?.attachments[0]?.source ?? ""), "utf8")).toBe("what the journal said");
  expect([by["breaks"]?.status, by["never"]?.status]).toEqual(["broken", "broken"]);
});
