import { describe, expect, test } from "vitest";
import type { Examination } from "../model/hardware.ts";
import { starvedBy } from "./starved.ts";
import { stuck } from "./stuck.ts";

const seen = (doing: Examination["doing"], starved?: number): Examination => ({ doing, words: "", starved });

test.for<[string, Examination]>([
  ["a host that shared its time between two machines", seen("running", 0.5)],
  ["a host that does not say", seen("running")],
  ["a processor that was given time and spins", seen("spinning", 0.9)],
  ["a processor that wants none", seen("halted", 0.9)],
])("%s is not blamed", ([, processors]) => expect(starvedBy(processors)).toBeUndefined());

describe("a boot that takes too long", () => {
  const slow = { why: "slow", lastedMs: 134_000, silentMs: 2000 } as const;

  test("is the image's fault on a host that had time for it", () => {
    expect(stuck(slow, "initrd", seen("running", 0.3), 23_900, 2000)?.unexplained).toMatchObject({ id: "slow", fault: "image" });
  });

  test("is the firmware's if that has not even left its flash", () => {
    const inFlash = (phase: "firmware" | "kernel", doing: "running" | "spinning") =>
      stuck(slow, phase, { ...seen(doing, 0.3), inFlash: true }, 10_400, 2000)?.unexplained;
    expect(inFlash("firmware", "running")).toMatchObject({ id: "firmware-first-stage", fault: "firmware" });
    // A program that jumped to nowhere spins there; the addresses of a kernel are others.
    expect([inFlash("firmware", "spinning")?.fault, inFlash("kernel", "running")?.fault]).toEqual(["image", "image"]);
  });

  test("is the host's fault if that had none", () => {
    const end = stuck(slow, "initrd", seen("running", 0.81), 23_900, 2000);
    expect(end?.unexplained).toMatchObject({ id: "host-busy", fault: "host" });
    expect(end?.what).toContain("this host was too busy: it had no time for the machine's processors in 81 %");
  });
});
