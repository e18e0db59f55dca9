import { describe, expect, test, vi } from "vitest";
import { loadSignatures } from "../diagnosis/signature.ts";
import type { Phase } from "../model/phase.ts";
import { BootLog } from "./boot-log.ts";
import type { Expectations } from "./expected.ts";
import { BootWatch } from "./watch.ts";

const signatures = await loadSignatures();

function watched(limits: Partial<Record<Phase, number>> = {}) {
  const log = new BootLog();
  const expected = { limit: (phase: Phase) => limits[phase] ?? 60_000, median: () => 10 } as unknown as Expectations;
  const watch = new BootWatch(log, expected, {
    screen: () => "the screen",
    lastLines: () => "the lines",
    examine: () => Promise.resolve("CPU#0 halted"),
  });
  const never = new AbortController().signal;
  return { log, watch, reached: (boot: number, until: Phase) => watch.reached(boot, until, never) };
}

function hit(id: string, offset = 0) {
  const signature = signatures.find((candidate) => candidate.id === id);
  if (!signature) throw new Error(`no signature ${id}`);
  return { signature, line: "the line", offset };
}

describe("BootWatch", () => {
  test("a phase that was passed counts as reached", async () => {
    const { log, reached } = watched();
    const waiting = reached(1, "kernel");
    log.begin(0);
    log.enter("userspace");
    expect((await waiting).number).toBe(1);
    expect((await reached(1, "loader")).number).toBe(1);
  });

  test("a line that ends boots ends the wait at once, with lines and screen", async () => {
    const { log, watch, reached } = watched();
    log.begin(0);
    log.enter("initrd");
    const waiting = reached(1, "ready");
    watch.hit(hit("device-timeout"));
    watch.hit(hit("emergency-mode", 5));
    const error = await waiting.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "OSB_BOOT_DEAD", fault: "image" });
    expect(error).toHaveProperty("evidence.last screen", "the screen");
    expect((error as { evidence: Record<string, string> }).evidence["signs on the console"]).toContain("device-timeout");
    await expect(reached(1, "ready")).rejects.toBe(error);
  });

  test("a sign that ends nothing ends no wait", async () => {
    const { log, watch, reached } = watched();
    log.begin(0);
    const waiting = reached(1, "ready");
    watch.hit(hit("device-timeout"));
    log.enter("ready");
    expect((await waiting).phase).toBe("ready");
  });

  test("a machine that restarts by itself fails the boot that was waited for, and starts the next", async () => {
    const { log, reached } = watched();
    log.begin(0);
    log.enter("kernel");
    const first = reached(1, "ready");
    const second = reached(2, "firmware");
    log.begin(50);
    await expect(first).rejects.toMatchObject({ code: "OSB_REBOOTED", fault: "image" });
    // Asked for too late it is just as lost.
    await expect(reached(1, "ready")).rejects.toMatchObject({ code: "OSB_REBOOTED" });
    expect((await second).number).toBe(2);
  });

  test("a boot that goes down again before it was ready was never ready", async () => {
    const { log, reached } = watched();
    log.begin(0);
    log.enter("userspace");
    const waiting = reached(1, "ready");
    log.enter("shutdown");
    log.begin(10);
    await expect(waiting).rejects.toMatchObject({ code: "OSB_REBOOTED" });
  });

  test("a boot that died in the kernel never reached userspace", async () => {
    const { log, watch, reached } = watched();
    log.begin(0);
    log.enter("kernel");
    watch.panicked();
    await expect(reached(1, "userspace")).rejects.toMatchObject({ code: "OSB_PANIC" });
  });

  test("power lost by the guest is the image's failure, by a dying QEMU the harness's", async () => {
    for (const [by, fault] of [
      ["guest", "image"],
      ["broken", "harness"],
    ] as const) {
      const { log, watch, reached } = watched();
      log.begin(0);
      const waiting = reached(1, "ready");
      watch.poweredOff("gone", by);
      await expect(waiting).rejects.toMatchObject({ fault });
    }
  });

  test("a phase far over its time is reported with what the processors do", async () => {
    vi.useFakeTimers();
    try {
      const { log, reached } = watched({ kernel: 1000 });
      log.begin(0);
      log.enter("kernel");
      const waiting = reached(1, "ready").catch((reason: unknown) => reason);
      await vi.advanceTimersByTimeAsync(1001);
      expect(await waiting).toMatchObject({ code: "OSB_STUCK", evidence: { cpus: "CPU#0 halted" } });
    } finally {
      vi.useRealTimers();
    }
  });
});
