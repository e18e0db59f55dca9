import { expect, test } from "vitest";
import { HarnessError } from "./errors.ts";
import { failureOf, outcomeOf, seenError } from "./thrown.ts";

test.each([
  [{ fault: "image" }, "fail"],
  [{ name: "AssertionError" }, "fail"],
  [{ code: "ERR_ASSERTION" }, "fail"],
  [{ fault: "harness", name: "AssertionError" }, "error"],
  [{ fault: "input" }, "error"],
  [{ name: "TypeError" }, "error"],
  [{ fault: "not-applicable" }, "not-applicable"],
] as const)("%o is %s", (error, outcome) => expect(outcomeOf(error)).toBe(outcome));

test("a failure keeps code, hint, evidence and a diagnosis that is one", () => {
  const diagnosis = { id: "panic", fault: "image", phase: "kernel", means: "it panicked" } as const;
  const error = new HarnessError("OSB_X", "no", { hint: "try y", evidence: { screen: "grub>" }, diagnosis });
  expect(failureOf(error)).toEqual({ message: "no", code: "OSB_X", hint: "try y", diagnosis, details: { screen: "grub>" } });
  expect(failureOf({ message: "no", diagnosis: "bad luck", evidence: null })).toEqual({ message: "no", details: {} });
});

test("anything may be thrown", () => {
  expect(failureOf("plain text")).toEqual({ message: "plain text", details: {} });
  expect(failureOf(undefined)).toEqual({ message: "undefined", details: {} });
  expect(seenError(null)).toEqual({ name: "thrown value", message: "null" });
});
