import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../harness/model/testdata/temporary.ts";
import { failuresOfRun, failuresOfVitest, tell } from "./failures.ts";

test("tells the failed tests of a report by their file and name, with why, and a file that could not be loaded", async () => {
  const message = `AssertionError: expected 1 to be 2\n\u001b[31m+ red\u001b[39m\n    at /p/x.test.ts:3:4\n    at run (file:///p/node_modules/vitest/a.js:1:1)`;
  const testResults = [
    {
      name: "/p/harness/x.test.ts",
      status: "failed",
      message: "",
      assertionResults: [
        { status: "passed", fullName: " good", failureMessages: [] },
        { status: "failed", fullName: " bad", failureMessages: [message] },
      ],
    },
    { name: "/p/harness/y.test.ts", status: "failed", message: "SyntaxError: no", assertionResults: [] },
    { name: "/p/harness/z.test.ts", status: "passed", message: "", assertionResults: [{ status: "passed" }] },
  ];
  const file = join(temporaryFolder(), "report.json");
  await writeFile(file, JSON.stringify({ testResults }));
  const failures = await failuresOfVitest(file, "/p");
  expect(failures.map((one) => one.file)).toEqual(["/p/harness/x.test.ts", "/p/harness/y.test.ts"]);
  expect(tell(failures)).toBe(
    "✗ harness/x.test.ts › bad\n    AssertionError: expected 1 to be 2\n    + red\n        at /p/x.test.ts:3:4\n\n✗ harness/y.test.ts\n    SyntaxError: no\n",
  );
});

test("tells the cells of a run that went wrong, each by its last attempt", async () => {
  const cell = (test: string, outcome: string, message?: string) =>
    JSON.stringify({
      image: { name: "i" },
      target: { name: "t" },
      suite: { name: "s" },
      test,
      outcome,
      ...(message ? { failure: { message } } : {}),
    });
  const lines = [cell("a", "error", "once"), cell("a", "pass"), cell("b", "not-applicable"), cell("c", "fail", "why\n".repeat(30))];
  const folder = temporaryFolder();
  await writeFile(join(folder, "records.jsonl"), `${lines.join("\n")}\n`);
  const failures = await failuresOfRun(folder);
  expect(failures.map(({ what }) => what)).toEqual(["fail  i × t  s › c"]);
  expect(failures[0]?.why.split("\n")).toEqual([...Array.from({ length: 14 }, () => "why"), "… 16 lines more"]);
});

test("a report that is missing tells nothing", async () => {
  expect(await failuresOfVitest(join(temporaryFolder(), "none.json"), "/p")).toEqual([]);
});
