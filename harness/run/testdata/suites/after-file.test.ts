import { afterAll, expect, test } from "vitest";

afterAll(() => expect("left behind").toBe("nothing"));

test("holds before the file's last word", () => expect(1).toBe(1));
