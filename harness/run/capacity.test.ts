import { expect, test } from "vitest";
import { capacityOf, memoryProblems, type CapacityNeed } from "./capacity.ts";
import { needsOf } from "./schedule/room.ts";

const jobs = (count: number, memoryMiB = 1024, accelerator: "tcg" | "kvm" = "tcg") =>
  Array.from({ length: count }, () => needsOf({ memoryMiB, accelerator }));
const machinesOf = (parts: Partial<CapacityNeed>) => {
  const { room, reason } = capacityOf({ jobs: jobs(100), cores: 8, freeMiB: 64_000, ...parts });
  return { machines: room.machines, reason };
};

test("emulated machines take a core each, virtualised ones share", () => {
  expect(machinesOf({})).toEqual({ machines: 8, reason: "8 cores" });
  expect(machinesOf({ jobs: jobs(100, 1024, "kvm") }).machines).toBe(16);
  expect(machinesOf({ jobs: [...jobs(50), ...jobs(50, 1024, "kvm")] })).toEqual({
    machines: 16,
    reason: "8 cores, a machine takes 0.5 or 1",
  });
});

test("as many machines as fit into free memory, the small ones counted first, with what QEMU itself takes", () => {
  const mixed = [...jobs(3, 2048), ...jobs(2, 512)];
  expect(machinesOf({ jobs: mixed, freeMiB: 5000 })).toEqual({
    machines: 3,
    reason: "5000 MiB of free memory, 812 MiB a machine at least",
  });
});

test("never more than allowed, never more than there are suites, never none", () => {
  expect(machinesOf({ workers: 3 })).toEqual({ machines: 3, reason: "--workers 3" });
  expect(machinesOf({ jobs: jobs(1) })).toEqual({ machines: 1, reason: "there is one suite to run" });
  expect(machinesOf({ freeMiB: 10 }).machines).toBe(1);
});

test("a machine that would not fit alone is named, with what it needs and what is free", () => {
  const guests = [
    { name: "small × x86_64", memoryMiB: 256 },
    { name: "big × x86_64", memoryMiB: 65_536 },
  ];
  const [problem, ...others] = memoryProblems(guests, 22_000);
  expect(others).toEqual([]);
  expect(problem?.what).toMatch(/big × x86_64 does not fit.* 65536 MiB.* 22000 MiB are free/);
  expect(memoryProblems(guests, 65_836)).toEqual([]);
});
