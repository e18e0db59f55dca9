import { describe, expect, test } from "vitest";
import { allWithin, judgeProcessors, programCounters, starvedShare, type ProcessorSeen } from "./examine.ts";

const seen = (index: number, share: number, counters: readonly number[], woken?: number): ProcessorSeen => ({
  index,
  share,
  woken,
  counters: counters.map(BigInt),
});

const far = [0x1000, 0x2000, 0x3000, 0x40000, 0x5000, 0x6000, 0x7000, 0x8000];
const near = [0x1000, 0x1004, 0x1010, 0x1000, 0x1004, 0x1010, 0x1000, 0x1000];

describe("judgeProcessors", () => {
  test.each([
    ["halted", [seen(0, 0.01, [7, 7, 7], 12), seen(1, 0, [7, 7, 7], 0)]],
    ["unwoken", [seen(0, 0, [7, 7, 7], 0), seen(1, 0, [7, 7, 7], 1)]],
    ["halted", [seen(0, 0, [7, 7, 7], 2), seen(1, 0, [7, 7, 7], 0)]],
    ["halted", [seen(0, 0.01, [7, 7, 7]), seen(1, 0, [7, 7, 7])]],
    ["spinning", [seen(0, 0.99, near), seen(1, 0.01, [7, 7])]],
    ["running", [seen(0, 0.99, near), seen(1, 0.5, far)]],
    ["running", [seen(0, 0.06, far)]],
    ["spinning", [seen(0, 0.99, [...near.slice(0, 6), 0x9000, 0x70000])]],
    ["running", [seen(0, 0.99, [...near.slice(0, 5), 0x9000, 0x70000, 0x20])]],
    ["unknown", []],
    ["unknown", [{ ...seen(0, 0, near), share: undefined }]],
    ["unknown", [seen(0, 0.9, [])]],
  ] as const)("%s", (doing, processors) => {
    expect(judgeProcessors(processors).doing).toBe(doing);
  });

  test("says each processor's part", () => {
    const { words } = judgeProcessors([seen(0, 0.99, near), seen(1, 0.01, [0x77, 0x77], 3)]);
    expect(words.split("\n")).toEqual([
      "processor 0: spins in one place, at 0x1000, 0x1004, 0x1010; wants 99 % of a core",
      "processor 1: halted, waits for an interrupt (woken 3 times), at 0x77; wants 1 % of a core",
    ]);
  });
});

test("finds the program counter in each architecture's registers", () => {
  const x86 =
    "\nCPU#0\nRAX=0000000000000000 RBX=0\nRIP=ffffffff81a0b2c3 RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1\n\nCPU#1\nEIP=0000fff0 EFL=00000002\n";
  const arm = "\nCPU#0\n PC=ffff800080012340 X00=0000000000000000\n";
  const riscv = "\nCPU#0\n V      =   0\n pc       ffffffff80003a1c\n mhartid  0000000000000000\n";
  expect([...programCounters(x86)]).toEqual([
    [0, 0xffffffff81a0b2c3n],
    [1, 0xfff0n],
  ]);
  expect([...programCounters(arm)]).toEqual([[0, 0xffff800080012340n]]);
  expect([...programCounters(riscv)]).toEqual([[0, 0xffffffff80003a1cn]]);
});

test("how much of the time it wanted a machine did not get", () => {
  const use = (wantedNs: number, waitedNs: number) => ({ wantedNs, waitedNs, sleeps: 0 });
  expect(starvedShare([use(100, 90), use(300, 10)])).toBe(0.25);
  expect(starvedShare([use(0, 0), undefined])).toBeUndefined();
  // The boots before had a host to themselves: this one has not.
  expect(starvedShare([use(1000, 180), use(1000, 170)], [use(800, 100), use(900, 50), undefined])).toBeCloseTo(200 / 300);
  expect(starvedShare([use(100, 10)], [use(100, 10)])).toBeUndefined();
});

test("whether all that works stands in the flash", () => {
  const flash = { address: 0x20000000, bytes: 0x1000 };
  const at = (share: number, ...places: number[]) => ({ index: 0, share, woken: undefined, counters: places.map(BigInt) });
  expect(allWithin([at(1, 0x20000000, 0x20000fff), at(0, 0x80000000)], flash)).toBe(true);
  expect(allWithin([at(1, 0x20000000, 0x20001000)], flash)).toBe(false);
  expect(allWithin([at(0, 0x20000000)], flash)).toBe(false);
});
