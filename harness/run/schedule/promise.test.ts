import { afterEach, expect, test } from "vitest";
import { forgetPromise, keepPromise, promiseJob } from "./promise.ts";

const spare = {};
const other = {};
afterEach(forgetPromise);

test("nothing was promised: anybody may run anything", () => {
  expect(() => keepPromise("a", undefined)).not.toThrow();
});

test("who started a job's first machine runs it; from then on it is anybody's, and so is every other job", () => {
  promiseJob("a", spare);
  for (const process of [undefined, other]) expect(() => keepPromise("b", process)).not.toThrow();
  expect(() => keepPromise("a", spare)).not.toThrow();
  expect(() => keepPromise("a", other)).not.toThrow();
  expect(() => keepPromise("b", spare)).not.toThrow();
});

test.each([
  ["a", undefined, /x86_64: a was given to another process/],
  ["a", other, /x86_64: a was given to another process/],
  ["b", spare, /x86_64: b was given to the process that has started the first machine of x86_64: a/],
])("the machine of a is started, and %s goes to somebody else: the harness's own fault", (job, process, words) => {
  promiseJob("x86_64\na", spare);
  expect(() => keepPromise(`x86_64\n${job}`, process)).toThrow(
    expect.objectContaining({ code: "OSB_EARLY_MACHINE", message: expect.stringMatching(words) }),
  );
});
