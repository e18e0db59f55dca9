import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hit, watched, type Stage } from "./testdata/watched.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

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
    void watch.hit(hit("device-timeout"));
    void watch.hit(hit("emergency-mode", 5));
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
    void watch.hit(hit("device-timeout"));
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

  test("a boot that is left and never over ends the wait for what it did not reach; where nobody waits, it may take its time", async () => {
    const { log, outcome } = watched();
    log.begin(0);
    log.enter("userspace");
    const waiting = outcome(1, "ready");
    log.enter("shutdown");
    await vi.advanceTimersByTimeAsync(60 * 60_000);
    const error = await waiting;
    expect(error).toMatchObject({ code: "OSB_STUCK", diagnosis: { phase: "userspace" } });
    expect(String(error)).toContain("shutdown phase not over after");

    const other = watched();
    other.log.begin(0);
    other.log.enter("ready");
    other.log.enter("shutdown");
    await vi.advanceTimersByTimeAsync(60 * 60_000);
    expect(other.watch.death).toBeUndefined();
  });

  test("a boot that died in the kernel never reached userspace; the console may yet say of what", async () => {
    const { log, watch, outcome } = watched();
    log.begin(0);
    log.enter("kernel");
    const waiting = outcome(1, "userspace");
    watch.panicked();
    await vi.advanceTimersByTimeAsync(600);
    expect(await waiting).toMatchObject({ code: "OSB_PANIC", fault: "image", diagnosis: { id: "panic", phase: "kernel" } });

    const other = watched();
    other.log.begin(0);
    other.log.enter("kernel");
    const named = other.outcome(1, "userspace");
    other.watch.panicked();
    void other.watch.hit(hit("init-killed"));
    await vi.advanceTimersByTimeAsync(600);
    expect(await named).toMatchObject({ code: "OSB_BOOT_DEAD", diagnosis: { id: "init-killed" } });
  });

  test("power lost by the guest is the image's failure, by a dying QEMU the harness's", async () => {
    for (const [by, fault] of [
      ["guest", "image"],
      ["broken", "harness"],
    ] as const) {
      const { log, watch, outcome } = watched();
      log.begin(0);
      const waiting = outcome(1, "ready");
      watch.poweredOff("gone", by);
      expect(await waiting).toMatchObject({ fault });
    }
  });

  test("a machine its watchdog restarts is said to be so", async () => {
    const { log, watch, outcome } = watched();
    log.begin(0);
    log.enter("initrd");
    const waiting = outcome(1, "ready");
    watch.watchdogRan("reset");
    log.begin(50);
    expect(await waiting).toMatchObject({ code: "OSB_REBOOTED", diagnosis: { id: "watchdog-reset", fault: "image", phase: "initrd" } });
  });

  test("whoever waits for a later boot goes on waiting: a dead machine may restart", async () => {
    const { log, watch, reached } = watched();
    log.begin(0);
    const next = reached(2, "kernel");
    void watch.hit(hit("kernel-panic"));
    expect(watch.life.aborted).toBe(true);
    log.begin(10);
    expect(watch.life.aborted).toBe(false);
    log.enter("kernel");
    expect((await next).number).toBe(2);
  });
});

test("nobody waits for a machine without power to start again", async () => {
  const { log, watch, outcome } = watched();
  log.begin(0);
  const next = outcome(2, "firmware");
  void watch.hit(hit("kernel-panic"));
  const before = watch.life;
  watch.poweredOff("gone", "guest");
  expect([before.aborted, watch.life.aborted]).toEqual([true, false]);
  expect(await next).toMatchObject({ diagnosis: { id: "kernel-panic" } });
});

describe("the diagnosis", () => {
  const died = (...ids: string[]) => diedOn({}, ...ids);
  const diedOn = async (stage: Stage, ...ids: string[]) => {
    const { log, watch, outcome } = watched(stage);
    log.begin(0);
    log.enter("initrd");
    const waiting = outcome(1, "ready");
    for (const id of ids) void watch.hit(hit(id));
    return await waiting;
  };

  test("is the earliest sign that explains the last one", async () => {
    const error = await died("unit-failed", "device-timeout", "root-mount-failed", "emergency-mode");
    expect(error).toMatchObject({ code: "OSB_BOOT_DEAD", fault: "image", diagnosis: { id: "device-timeout" } });
    expect((error as Error).message).toContain("after this: a device a mount needs never appeared (device-timeout) in boot 1, ");
    expect((error as { hint: string }).hint).toContain("driver is missing");
  });

  test("is the last sign itself when nothing before explains it", async () => {
    expect(await died("access-denied", "emergency-mode")).toMatchObject({ diagnosis: { id: "emergency-mode" } });
  });

  test.each([
    ["of the guest's own time that ran out on a host that had none for it", 0.7, ["device-timeout", "emergency-mode"], "host-busy"],
    ["of the same on a host that had", 0.5, ["device-timeout", "emergency-mode"], "device-timeout"],
    ["of what no time-out explains, however busy the host", 0.7, ["device-timeout", "kernel-panic"], "kernel-panic"],
  ])("%s", async (_what, starved, ids, id) => {
    const fault = id === "host-busy" ? "harness" : "image";
    expect(await diedOn({ starved }, ...ids)).toMatchObject({ code: "OSB_BOOT_DEAD", fault, diagnosis: { id } });
  });

  test.each([
    ["emulator", "rcu-timer"],
    ["host", "disk-error"],
  ])("what comes after a fault of the %s is never held against the image", async (fault, id) => {
    expect(await died(id, "emergency-mode")).toMatchObject({ fault: "harness", diagnosis: { id, fault } });
  });

  test("a fault of the host that only follows from the image's is not blamed", async () => {
    expect(await died("verity-corrupted", "disk-error", "emergency-mode")).toMatchObject({
      fault: "image",
      diagnosis: { id: "verity-corrupted" },
    });
  });

  test("the firmware's own faults are not the image's", async () => {
    expect(await died("firmware-assert")).toMatchObject({ fault: "harness", diagnosis: { fault: "firmware" } });
  });

  test("what ends only if explained ends nothing alone", async () => {
    const { log, watch, outcome } = watched();
    log.begin(0);
    const waiting = outcome(1, "ready");
    void watch.hit(hit("firmware-network-boot"));
    expect(watch.death).toBeUndefined();
    void watch.hit(hit("grub-error"));
    void watch.hit(hit("firmware-network-boot"));
    expect(await waiting).toMatchObject({ diagnosis: { id: "grub-error" } });
  });

  test("what ends a first boot ends no later one", async () => {
    const { log, watch } = watched();
    log.begin(0);
    log.enter("kernel");
    log.begin(10);
    void watch.hit(hit("firmware-refused", 0, 2));
    expect(watch.death).toBeUndefined();
    const first = watched();
    first.log.begin(0);
    void first.watch.hit(hit("firmware-refused"));
    expect(first.watch.death).toMatchObject({ diagnosis: { id: "firmware-refused" } });
  });

  test.each([
    ["spinning", true],
    ["running", false],
    ["halted", false],
  ] as const)("a lockup while the processors are %s ends the boot: %s", async (doing, dies) => {
    const { log, watch } = watched({ doing });
    log.begin(0);
    log.enter("kernel");
    await watch.hit(hit("soft-lockup"));
    expect(watch.death !== undefined).toBe(dies);
  });

  test("signs of an earlier boot explain nothing in the next", async () => {
    const { log, watch, outcome } = watched();
    log.begin(0);
    void watch.hit(hit("rcu-timer"));
    log.enter("kernel");
    log.begin(10);
    const waiting = outcome(2, "ready");
    void watch.hit(hit("emergency-mode", 0, 2));
    expect(await waiting).toMatchObject({ fault: "image", diagnosis: { id: "emergency-mode" } });
  });
});
