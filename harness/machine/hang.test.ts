import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hit, watched, type Stage } from "./testdata/watched.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a hang", () => {
  const inKernel = (stage: Stage) => {
    const all = watched(stage);
    all.log.begin(0);
    all.log.enter("kernel");
    return { ...all, waiting: all.outcome(1, "ready") };
  };

  test.each([
    ["halted", "image", "silent"],
    ["spinning", "image", "silent"],
    ["unwoken", "harness", "no-interrupt"],
  ] as const)("long silence while the processors are %s is the fault of the %s", async (doing, fault, id) => {
    const { waiting } = inKernel({ silence: 20_000, doing });
    await vi.advanceTimersByTimeAsync(20_001);
    const error = await waiting;
    expect(error).toMatchObject({
      code: "OSB_STUCK",
      fault,
      diagnosis: { id, phase: "kernel" },
      evidence: { processors: "processor 0: halted" },
    });
  });

  test("silence while the processors run and get about is no hang, and is asked about again", async () => {
    const stage: Stage = { silence: 1000, doing: "running" };
    const { watch, waiting } = inKernel(stage);
    await vi.advanceTimersByTimeAsync(1500);
    expect(watch.death).toBeUndefined();
    stage.doing = "halted";
    await vi.advanceTimersByTimeAsync(1000);
    expect(await waiting).toMatchObject({ code: "OSB_STUCK" });
  });

  test("a phase that talks and is slow gets twice its limit", async () => {
    const { watch, waiting } = inKernel({ limits: { kernel: 1000 }, silence: 2000, silentMs: 5, doing: "running" });
    await vi.advanceTimersByTimeAsync(1900);
    expect(watch.death).toBeUndefined();
    await vi.advanceTimersByTimeAsync(200);
    expect(await waiting).toMatchObject({ code: "OSB_STUCK", diagnosis: { id: "slow" } });
  });

  test("a stuck boot whose timer did not fire is the emulator's", async () => {
    const { watch, waiting } = inKernel({ silence: 1000 });
    void watch.hit(hit("rcu-timer"));
    await vi.advanceTimersByTimeAsync(1001);
    expect(await waiting).toMatchObject({ code: "OSB_STUCK", fault: "harness", diagnosis: { id: "rcu-timer", fault: "emulator" } });
  });

  test.each(["hung-task", "root-waited-for"])("what hangs after the sign %s hangs because of it", async (id) => {
    const { watch, waiting } = inKernel({ silence: 1000, doing: "running" });
    watch.keep(hit(id));
    await vi.advanceTimersByTimeAsync(700_000);
    await vi.advanceTimersByTimeAsync(700_000);
    expect(await waiting).toMatchObject({ code: "OSB_STUCK", fault: "image", diagnosis: { id } });
  });

  test("processors that spin have been given time: a stall is then the kernel's", async () => {
    const { watch, waiting } = inKernel({ silence: 1000, doing: "spinning" });
    void watch.hit(hit("rcu-stall"));
    await vi.advanceTimersByTimeAsync(1001);
    expect(await waiting).toMatchObject({ code: "OSB_STUCK", fault: "image" });
  });

  test("something said while one looked is a sign of life", async () => {
    const stage: Stage = { silence: 1000, silentMs: 1000 };
    const { watch } = inKernel(stage);
    await vi.advanceTimersByTimeAsync(999);
    stage.silentMs = 1000;
    const look = vi.advanceTimersByTimeAsync(1);
    stage.silentMs = 3;
    await look;
    expect(watch.death).toBeUndefined();
  });
});
