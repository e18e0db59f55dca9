import { expect, test } from "vitest";
import { capacityOf, type CapacityNeed } from "./capacity.ts";

const need = (parts: Partial<CapacityNeed>): CapacityNeed => ({
  guests: [{ memoryMiB: 1024, accelerator: "tcg" }],
  cores: 8,
  freeMiB: 64_000,
  files: 100,
  ...parts,
});

test("emulated machines take a core each, virtualised ones share", () => {
  expect(capacityOf(need({})).machines).toBe(8);
  expect(capacityOf(need({ guests: [{ memoryMiB: 1024, accelerator: "kvm" }] })).machines).toBe(16);
});

test("the hungriest image decides, with what QEMU itself takes", () => {
  const guests = [
    { memoryMiB: 512, accelerator: "tcg" as const },
    { memoryMiB: 2048, accelerator: "tcg" as const },
  ];
  const { machines, reason } = capacityOf(need({ guests, freeMiB: 5000 }));
  expect(machines).toBe(2);
  expect(reason).toBe("5000 MiB of free memory, 2348 MiB a machine");
});

test("never more than allowed, never more than there are suites, never none", () => {
  expect(capacityOf(need({ workers: 3 }))).toEqual({ machines: 3, reason: "--workers 3" });
  expect(capacityOf(need({ files: 1 })).machines).toBe(1);
  expect(capacityOf(need({ freeMiB: 10 })).machines).toBe(1);
});
