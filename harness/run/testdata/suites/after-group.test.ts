import { afterAll, describe, expect, test } from "vitest";

describe("a group", () => {
  afterAll(() => expect("left behind").toBe("nothing"));

  test("holds before the group's last word", () => expect(1).toBe(1));
});
