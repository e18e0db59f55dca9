import { expect, test } from "vitest";
import { changeOf, releasesOf } from "./releases.ts";

test.each([
  ["p", "f", "regressed"],
  ["f", "p", "fixed"],
  ["f", "f", "still"],
  ["p", "p", "same"],
  ["n", "n", "same"],
  [" ", "p", "new"],
  ["n", "f", "new"],
  ["p", " ", "gone"],
  ["p", "n", "gone"],
  ["p", "m", "gone"],
  [" ", " ", undefined],
])("%j then %j is %s", (before, after, kind) => expect(changeOf(before, after)).toBe(kind));

test("an error of the harness neither regresses nor fixes anything", () => {
  expect(changeOf("p", "e")).toBe("gone");
  expect(changeOf("f", "e")).toBe("gone");
  expect(changeOf("e", "p")).toBe("new");
  expect(changeOf("e", "f")).toBe("new");
  expect(changeOf("e", "e")).toBe("unknown");
});

test("a version is a release of all its columns, and each of its builds where there are several", () => {
  const edition = (column: number, version: string, digest: string, last: number) => ({
    ...{ column, version, digest, last, first: last, outcomes: "p", revisions: "a" },
  });
  const releases = releasesOf("os", [
    edition(0, "2", "c", 30),
    edition(1, "2", "d", 25),
    edition(0, "2", "b", 20),
    edition(0, "1", "a", 10),
  ]);
  expect(releases.map(({ name, editions }) => [name, ...[...editions.values()].map(({ digest }) => digest)])).toEqual([
    ["os | 2", "c", "d"],
    ["os | 2 | c", "c"],
    ["os | 2 | d", "d"],
    ["os | 2 | b", "b"],
    ["os | 1", "a"],
  ]);
});
