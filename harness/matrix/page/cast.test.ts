import { expect, test } from "vitest";
import { readCast } from "./cast.ts";

const lines = (...values: unknown[]) => values.map((value) => JSON.stringify(value)).join("\n");

test("cuts silences short and says where a moment of the wall clock is shown", () => {
  const cast = readCast(
    lines({ version: 3, term: { cols: 80, rows: 24 }, timestamp: 100 }, [1, "o", "a"], [60, "o", "b"], [0.5, "m", "boot 1: ready"]),
  );
  expect(cast.length).toBe(3.5);
  expect(cast.chapters).toEqual([{ label: "boot 1: ready", at: 3.5 }]);
  // Half a second, because the header only knows the second it began in.
  expect(cast.at((100 + 0.5 + 1.5) * 1000)).toBe(1.5);
  expect(cast.at((100 + 0.5 + 40) * 1000)).toBe(3);
  expect(cast.at((100 + 0.5 + 61.25) * 1000)).toBe(3.25);
  expect(cast.at(999_000)).toBe(3.5);
  expect(cast.at(0)).toBe(0);
});

test("reads version 2, whose times count from the start", () => {
  const cast = readCast(lines({ version: 2, width: 10, height: 5 }, [1, "o", "a"], [2.5, "o", "b"]), [{ label: "here", wall: 0 }]);
  expect(cast.data.split("\n").map((line) => JSON.parse(line) as unknown)).toEqual([
    { version: 2, width: 10, height: 5 },
    [1, "o", "a"],
    [2.5, "o", "b"],
  ]);
  expect(cast.at(1)).toBeUndefined();
});

test("marks what is asked for, leaves out lines that are damaged, and refuses what is no recording", () => {
  const cast = readCast(`${lines({ version: 3, timestamp: 0 }, [1, "o", "a"])}\n[2,"o","cut sh`, [{ label: "fails", wall: 1200 }]);
  expect(cast.chapters).toEqual([{ label: "fails", at: 0.7 }]);
  expect(cast.length).toBe(1);
  expect(() => readCast("hello")).toThrow("no asciicast");
  expect(() => readCast(lines({ version: 1 }))).toThrow("no asciicast");
});
