import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Machine } from "./machine.ts";
import { openMachine } from "./open.ts";

const context = inject("osbench");
const minutes = 60_000;
const level = "/proc/sys/kernel/printk";

describe("shells of a machine", () => {
  let machine: Machine;

  beforeAll(async () => {
    const { manifest } = context.image;
    const serial = { ...(manifest.access.serial as { user: string; password: string }), "kernel-log": "quiet" as const };
    const quiet = { ...context, image: { ...context.image, manifest: { ...manifest, access: { ...manifest.access, serial } } } };
    machine = await openMachine(quiet, { cell: "shells-guest", signal: new AbortController().signal });
    await machine.boot();
  }, 5 * minutes);

  afterAll(async () => {
    await machine[Symbol.asyncDispose]();
  });

  test.each(["channel", "ssh", "serial"] as const)(
    "a command over %s that never ends is killed in the guest, and the shell can be used again",
    { timeout: 2 * minutes },
    async (way) => {
      const shell = await machine.shell(way);
      const stubborn = "trap '' INT TERM HUP; echo begun; sleep 50001 & (sleep 50002 &) ; sleep 50003; :";
      const error = await shell.run(stubborn, { timeoutMs: 3000 }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "OSB_TIMEOUT", evidence: { "stdout so far": "begun\n" } });
      expect((error as { evidence: Record<string, string> }).evidence["killed in the guest"]).toMatch(
        /sleep\(\d+\)|busybox\(\d+\)|sh\(\d+\)/,
      );
      const alive = "for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$f; echo; done 2>/dev/null | grep 'sleep 5000[123]'; :";
      expect((await shell.run(alive)).stdout).toBe("");
      expect(await shell.run("echo usable; exit 3")).toMatchObject({ stdout: "usable\n", code: 3 });
    },
  );

  test(
    "the kernel's console log level is lowered for a serial shell that asks for it, and put back",
    { timeout: 3 * minutes },
    async () => {
      const channel = await machine.shell("channel");
      const now = async () => Number.parseInt((await channel.run(`cat ${level}`)).stdout);
      await (await machine.shell("serial"))[Symbol.asyncDispose]();
      await channel.run(`echo 6 >${level}`);

      await using(await machine.shell("serial"), async () => expect(await now()).toBe(1));
      expect(await now()).toBe(6);

      await using(await machine.shell("serial"), async (serial) => {
        await expect(serial.run("trap '' TERM; sleep 50004", { timeoutMs: 2000 })).rejects.toMatchObject({ code: "OSB_TIMEOUT" });
        expect(await now()).toBe(1);
      });
      expect(await now()).toBe(6);

      // One that is lost puts nothing back; the next one does, to what was set before both.
      const lost = await machine.shell("serial");
      const terminal = 1088; // ttyS0 is 4:64: proc_pid_stat(5), tty_nr
      await channel.run(
        `for f in /proc/[0-9]*/stat; do read -r l <$f; set -- \${l##*) }; [ "$5" = ${terminal} ] && kill -KILL \${l%% *}; done 2>/dev/null; :`,
      );
      await expect(lost.run("true; :")).rejects.toMatchObject({ code: "OSB_SHELL_LOST" });
      expect(await now()).toBe(1);
      await using(await machine.shell("serial"), async () => expect(await now()).toBe(1));
      expect(await now()).toBe(6);
    },
  );
});

async function using<T extends AsyncDisposable>(owned: T, use: (owned: T) => Promise<unknown>): Promise<void> {
  try {
    await use(owned);
  } finally {
    await owned[Symbol.asyncDispose]();
  }
}
