import { expect, test } from "vitest";
import { assess } from "./assessment.ts";
import { formatTries, parseEntry, splitCounter } from "./entries.ts";

const versionOf = (plain: string) => /^osb_(.+)\.efi$/.exec(plain)?.[1];
const entries = (...names: string[]) => names.map((name) => parseEntry(name, versionOf));

test("a counter is taken off only where the specification puts it", () => {
  expect(splitCounter("osb_2+3-0.efi")).toEqual({ plain: "osb_2.efi", triesLeft: 3, triesDone: 0 });
  expect(splitCounter("osb_2+3.efi")).toEqual({ plain: "osb_2.efi", triesLeft: 3, triesDone: 0 });
  expect(splitCounter("osb_2+0-3.conf")).toEqual({ plain: "osb_2.conf", triesLeft: 0, triesDone: 3 });
  expect(splitCounter("osb_2+3-0-arm.efi")).toEqual({ plain: "osb_2+3-0-arm.efi", triesLeft: undefined, triesDone: undefined });
  expect(splitCounter("osb_1+x.efi").triesLeft).toBeUndefined();
});

test("a counter is written as people write it", () => {
  expect(entries("osb_2+2-1.efi", "osb_1.efi", "osb_3+3.efi").map(formatTries)).toEqual(["2-1", "none", "3-0"]);
});

test("a version in a name keeps its own dots and dashes", () => {
  expect(entries("osb_2024.10-1+3-0.efi")[0]).toMatchObject({ version: "2024.10-1", triesLeft: 3 });
});

test("only a boot that was counted and lost its counter is good", () => {
  const path = "\\EFI\\Linux\\osb_2+2-1.efi";
  expect(assess(path, entries("osb_1.efi", "osb_2.efi")).state).toBe("good");
  expect(assess(path, entries("osb_1.efi", "osb_2+2-1.efi")).state).toBe("counting");
  expect(assess("\\EFI\\Linux\\osb_2+0-3.efi", entries("osb_2+0-3.efi")).state).toBe("bad");
  expect(assess(path, entries("osb_1.efi")).state).toBe("lost");
});

test("a boot that was never armed is not taken for a good one", () => {
  expect(assess(undefined, entries("osb_1.efi", "osb_2.efi")).state).toBe("uncounted");
});
