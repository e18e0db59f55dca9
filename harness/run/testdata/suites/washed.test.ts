import { expect, test } from "vitest";

let tries = 0;
test("holds at the third try", { retry: 2 }, () => expect(++tries).toBe(3));

let rounds = 0;
test("holds in the last of its rounds", { repeats: 1 }, () => expect(++rounds).toBeGreaterThan(0));
