import { afterAll, expect, test } from "vitest";

afterAll(() => {
  throw new Error("something was left behind");
});

test("holds before the file's last word", () => expect(1).toBe(1));
