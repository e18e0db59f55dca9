import { expect, test } from "vitest";
import { exampleRecord } from "./examples.ts";
import { exitCodeOf } from "./outcome.ts";
import type { Outcome } from "../model/record.ts";

const records = (...outcomes: Outcome[]) => outcomes.map((outcome) => exampleRecord({ outcome }));

test.each([
  [0, ["pass", "not-applicable"]],
  [1, ["pass", "fail"]],
  [1, ["fail", "error", "not-run"]],
  [3, ["pass", "error"]],
  [3, ["pass", "not-run"]],
  [3, []],
] as const)("exits %i for %j", (code, outcomes) => expect(exitCodeOf(records(...outcomes), [], false)).toBe(code));

test("a fault outside of any test is not lost behind passes", () => {
  expect(exitCodeOf(records("pass"), ["an unhandled rejection"], false)).toBe(3);
});

test("an interrupted run says so, whatever it found", () => {
  expect(exitCodeOf(records("pass", "fail"), [], true)).toBe(130);
});
