import { describe, expect, test } from "vitest";
import { BootLog } from "./boot-log.ts";

function log() {
  const seen: string[] = [];
  const boots = new BootLog();
  boots.on("phase", (boot, phase) => seen.push(`${boot.number} ${phase}`));
  return { boots, seen };
}

describe("BootLog", () => {
  test("counts a boot per power-on and per reset, and never goes back", () => {
    const { boots, seen } = log();
    boots.begin(0);
    boots.enter("kernel");
    boots.enter("loader");
    boots.enter("ready");
    boots.begin(100);
    boots.end();
    boots.begin(200);
    expect(seen).toEqual(["1 firmware", "1 kernel", "1 ready", "2 firmware", "2 off", "3 firmware"]);
    expect(boots.boots.map(({ consoleStart }) => consoleStart)).toEqual([0, 100, 200]);
  });

  test("a firmware that resets itself before it loaded anything is the same boot", () => {
    const { boots } = log();
    boots.begin(0);
    boots.begin(10);
    expect(boots.boots).toHaveLength(1);
  });

  test("nothing is entered while the machine is off", () => {
    const { boots, seen } = log();
    boots.begin(0);
    boots.end();
    boots.enter("ready");
    expect(boots.phase).toBe("off");
    expect(seen.at(-1)).toBe("1 off");
  });

  test("every phase passed has a duration", () => {
    const { boots } = log();
    boots.begin(0);
    boots.enter("kernel");
    boots.enter("ready");
    expect(Object.keys(boots.current?.durations ?? {})).toEqual(["firmware", "kernel"]);
    expect(boots.current?.totalMs).toBeGreaterThanOrEqual(0);
  });

  test("a shell that is there before the first getty ends the initrd as well", () => {
    const { boots } = log();
    boots.begin(0);
    boots.enter("initrd");
    boots.ready();
    expect([boots.phase, ...Object.keys(boots.current?.durations ?? {})]).toEqual(["ready", "firmware", "initrd", "userspace"]);
  });
});
