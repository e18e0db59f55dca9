import { describe, expect, inject, test } from "vitest";
import { openMachine } from "./open.ts";

const context = inject("osbench");
const minutes = 60_000;

describe("a machine that is switched on before its first boot is asked for", () => {
  const ahead = async (cell: string) => {
    const machine = await openMachine(context, { cell, signal: new AbortController().signal });
    await machine.switchOn();
    return machine;
  };

  test("passes for off until then, and makes that one boot", { timeout: 5 * minutes }, async () => {
    const machine = await ahead("ahead-guest");
    try {
      expect([machine.phase, machine.boots]).toEqual(["off", []]);
      expect((await machine.boot("loader")).number).toBe(1);
      expect(machine.boots).toHaveLength(1);
    } finally {
      await machine[Symbol.asyncDispose]();
    }
  });

  test("is not switched on once more if it went off meanwhile", { timeout: 5 * minutes }, async () => {
    const machine = await ahead("ahead-off-guest");
    try {
      await machine.cutPower();
      await expect(machine.boot()).rejects.toMatchObject({ code: "OSB_POWERED_OFF" });
    } finally {
      await machine[Symbol.asyncDispose]();
    }
  });
});
