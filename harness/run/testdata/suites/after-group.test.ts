import { afterAll, describe, expect, test } from "vitest";

describe("a group", () => {
  afterAll(() => {
    throw new Error("something was left behind");
  });

  test("holds before the group's last word", () => expect(1).toBe(1));
});
