import { expect, test } from "vitest";
import type { CellMeta } from "../model/meta.ts";
import { verdictOf, type Finished } from "./verdict.ts";

const finished = (parts: Partial<Finished>): Finished => ({ state: "passed", errors: [], meta: undefined, ...parts });
const meta = (parts: Partial<CellMeta>): CellMeta => ({ outcome: "pass", machines: [], ...parts });
const assertion = { name: "AssertionError", message: "expected 2 to be 3" };

test("a plain vitest test passes or fails by its assertions", () => {
  expect(verdictOf(finished({}))).toMatchObject({ outcome: "pass" });
  expect(verdictOf(finished({ state: "failed", errors: [assertion] }))).toMatchObject({
    outcome: "fail",
    failure: { message: assertion.message },
  });
});

test("the harness's fault outweighs the image's: one broken machine makes the claim's failure worthless", () => {
  const errors = [assertion, { message: "QEMU died", fault: "harness" }];
  expect(verdictOf(finished({ state: "failed", errors })).outcome).toBe("error");
});

test("the worker's word counts where vitest agrees", () => {
  const failure = { message: "no login", details: { screen: "grub>" } };
  expect(verdictOf(finished({ state: "failed", errors: [assertion], meta: meta({ outcome: "fail", failure }) }))).toMatchObject({
    outcome: "fail",
    failure,
  });
  expect(verdictOf(finished({ state: "skipped", meta: meta({ outcome: "not-applicable", reason: "tpm2: none" }) }))).toMatchObject({
    outcome: "not-applicable",
    reason: "tpm2: none",
  });
});

test("a pass that vitest does not confirm is an error, never a pass", () => {
  const closing = { message: "the machine could not be closed", fault: "harness" };
  expect(verdictOf(finished({ state: "failed", errors: [closing], meta: meta({}) }))).toMatchObject({
    outcome: "error",
    failure: { message: closing.message },
  });
  expect(verdictOf(finished({ state: "pending", meta: meta({}) })).outcome).toBe("error");
});

test("a test that left no end behind is an error, also if vitest says it passed", () => {
  const unfinished = meta({ outcome: "error", reason: "the test did not finish" });
  expect(verdictOf(finished({ state: "passed", meta: unfinished })).outcome).toBe("error");
});

test("not applicable does not excuse what failed besides", () => {
  const errors = [
    { message: "tpm2: none", fault: "not-applicable" },
    { message: "QEMU died", fault: "harness" },
  ];
  expect(verdictOf(finished({ state: "failed", errors, meta: meta({ outcome: "not-applicable" }) })).outcome).toBe("error");
});

test("a skip says why", () => {
  expect(verdictOf(finished({ state: "skipped", note: "it builds on another" }))).toMatchObject({
    outcome: "not-run",
    reason: "it builds on another",
  });
});
