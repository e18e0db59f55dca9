import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, readFileSync, readdirSync } from "node:fs";
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { WorkerContext } from "../model/context.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { download, upload } from "../shell/transfer.ts";
import type { Machine } from "./machine.ts";
import { openMachine } from "./open.ts";

const context = inject("osbench");
const minutes = 60_000;

/** Command lines of running QEMUs and swtpms that belong to processes below this folder or name. */
function emulators(mark: string): string[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")];
      } catch {
        return [];
      }
    })
    .filter((line) => /^(\S*qemu-system|\S*swtpm)/.test(line) && line.includes(mark));
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

const disk = join(context.image.folder, context.image.manifest.versions[0]?.disk ?? "");

describe("a machine", () => {
  let machine: Machine;
  let before: string;

  beforeAll(async () => {
    before = await sha256(disk);
    machine = await openMachine(context, { cell: "machine-guest", signal: new AbortController().signal });
    await machine.boot();
  }, 5 * minutes);

  afterAll(async () => {
    await machine[Symbol.asyncDispose]();
  });

  test("passed every phase on its way up, each with a duration", () => {
    const [boot] = machine.boots;
    expect(Object.keys(boot?.durations ?? {})).toEqual(["firmware", "loader", "kernel", "initrd", "userspace"]);
    expect(boot?.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each(["channel", "ssh", "serial"] as const)("has a root shell by way of %s", { timeout: 2 * minutes }, async (way) => {
    const shell = await machine.shell(way);
    const result = await shell.run("id -u; echo to-stderr >&2; exit 3");
    expect(result).toMatchObject({ code: 3, stdout: "0\n", stderr: "to-stderr\n" });
  });

  test.each(["channel", "ssh", "serial"] as const)("%s carries bytes and long scripts unchanged", { timeout: 2 * minutes }, async (way) => {
    const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 31) % 256));
    const shell = await machine.shell(way);
    expect(Buffer.compare((await shell.run("cat", { stdin: bytes })).stdoutBytes, bytes)).toBe(0);
    const script = `${"# a comment that makes the script long\n".repeat(100)}printf '%s' "it's done"`;
    expect((await shell.run(script)).stdout).toBe("it's done");
  });

  test("its serial shell is not fooled by a kernel that talks as fast as it can", { timeout: 4 * minutes }, async () => {
    const channel = await machine.shell("channel");
    const serial = await machine.shell("serial");
    await channel.run(
      "cat /proc/sys/kernel/printk >/tmp/printk; echo 8 >/proc/sys/kernel/printk; echo on >/proc/sys/kernel/printk_devkmsg",
    );
    const enough = new AbortController();
    const endless = "while :; do echo '<4>noise: 0123456789abcdef' >/dev/kmsg; done";
    const noise = channel.run(endless, { signal: enough.signal, timeoutMs: 4 * minutes }).catch((error: unknown) => error);
    for (let round = 0; round < 5; round++) {
      expect((await serial.run("seq 1 40")).stdout).toBe(`${Array.from({ length: 40 }, (_, n) => n + 1).join("\n")}\n`);
      expect(await serial.run(`echo round ${round}`)).toMatchObject({ code: 0, stdout: `round ${round}\n`, stderr: "" });
      expect(await serial.run("printf 'a\\000b'; echo e >&2; exit 9")).toMatchObject({ code: 9, stdout: "a\0b", stderr: "e\n" });
    }
    const reason = new Error("enough");
    enough.abort(reason);
    expect(await noise).toBe(reason);
    await channel.run("read -r level rest </tmp/printk; echo $level >/proc/sys/kernel/printk");
    expect(machine.console.text()).toContain("noise: 0123456789abcdef");
  });

  test.each(["channel", "serial"] as const)(
    "by way of %s, a command that never ends is killed in the guest, and the next one runs",
    { timeout: 2 * minutes },
    async (way) => {
      const shell = await machine.shell(way);
      const stubborn = "trap '' INT TERM HUP; echo begun; sleep 3001 & (trap '' TERM; sleep 3002; :) & while :; do sleep 3003; done";
      const error = await shell.run(stubborn, { timeoutMs: 3000 }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "OSB_TIMEOUT", evidence: { "stdout so far": "begun\n" } });
      expect((error as { evidence: Record<string, string> }).evidence["killed in the guest"]).toMatch(/sleep\(\d+\)/);
      const left = await shell.run("for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$f; echo; done 2>/dev/null | grep '^sleep 300'; :");
      expect(left.stdout).toBe("");
    },
  );

  test.each(["channel", "serial"] as const)(
    "by way of %s, a command that takes its shell away costs no other",
    { timeout: 3 * minutes },
    async (way) => {
      expect((await (await machine.shell(way)).run("kill $$; sleep 20")).code).toBe(143);
      expect((await (await machine.shell(way)).run("echo usable; :")).stdout).toBe("usable\n");
      // Its reader, its keeper, and all.
      const shell = await machine.shell(way);
      await expect(
        shell.run(
          "for p in /proc/[0-9]*; do read -r l <$p/stat; set -- ${l##*) }; [ $4 = $(cut -d' ' -f6 /proc/$$/stat) ] && kill -9 ${p#/proc/}; done",
          { timeoutMs: 60_000 },
        ),
      ).rejects.toThrow(/./);
      expect((await (await machine.shell(way)).run("echo again; :")).stdout).toBe("again\n");
    },
  );

  test("big files arrive whole both ways, by the fastest way and over the serial line", { timeout: 4 * minutes }, async () => {
    const file = join(context.image.folder, "tiny.efi");
    const back = join(temporaryFolder(), "back");
    await machine.upload(file, "/tmp/upload");
    expect((await machine.run("sha256sum </tmp/upload")).stdout).toContain(await sha256(file));
    await machine.download("/tmp/upload", back);
    expect(await sha256(back)).toBe(await sha256(file));
    await truncate(back, 300_001);
    const serial = () => machine.shell("serial");
    await upload(serial, back, "/tmp/upload", machine.signal);
    await download(serial, "/tmp/upload", `${back}.again`, machine.signal);
    expect(await sha256(`${back}.again`)).toBe(await sha256(back));
  });

  test("a reboot under a running command is said at once", { timeout: 4 * minutes }, async () => {
    const shell = await machine.shell("serial");
    const after = machine.boots.length;
    const waiting = shell.run("(sleep 1; reboot -f) & sleep 600", { timeoutMs: 4 * minutes });
    await expect(waiting).rejects.toMatchObject({ code: "OSB_SHELL_LOST" });
    await machine.nextBoot(after);
  });

  test(
    "keeps disks and TPM over a reboot, a power-off and a power cut, but never writes the image",
    { timeout: 10 * minutes },
    async () => {
      await machine.run("printf kept | dd of=/dev/vda bs=512 seek=40000 conv=notrunc 2>/dev/null; sync");
      const kept = async () => (await machine.run("dd if=/dev/vda bs=512 skip=40000 count=1 2>/dev/null | head -c 4")).stdout;
      const first = machine.boots[0]?.id;
      const second = await machine.reboot();
      expect(second.id).not.toBe(first);
      expect(await kept()).toBe("kept");
      expect((await (await machine.shell("ssh")).run("echo again")).stdout).toBe("again\n");

      await machine.powerOff();
      expect(machine.phase).toBe("off");
      await machine.boot();
      expect(await kept()).toBe("kept");

      await machine.cutPower();
      expect(machine.phase).toBe("off");
      await expect(machine.run("true", { timeoutMs: 1000, signal: AbortSignal.timeout(2000) })).rejects.toThrow(/./);
      expect(await sha256(disk)).toBe(before);
    },
  );
});

describe("a machine that cannot boot", () => {
  test("is given up when the firmware says so, and leaves nothing running", { timeout: 5 * minutes }, async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, "blank.raw"), "");
    await truncate(join(folder, "blank.raw"), 64 << 20);
    const [version] = context.image.manifest.versions;
    const manifest = { ...context.image.manifest, versions: [{ ...version!, disk: "blank.raw" }] };
    const blank: WorkerContext = { ...context, image: { ...context.image, name: "blank", folder, manifest } };
    const machine = await openMachine(blank, { cell: "blank-guest", signal: new AbortController().signal });
    try {
      const error = await machine.boot().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ fault: "image", code: "OSB_BOOT_DEAD" });
      expect((error as Error).message).toMatch(/uefi-shell|firmware-nothing-to-boot/);
      expect((error as { evidence: Record<string, string> }).evidence["last screen"]).toMatch(/Shell|BdsDxe/);
    } finally {
      await machine[Symbol.asyncDispose]();
    }
    expect(emulators("blank-guest")).toEqual([]);
  });

  test("ends with its owner's signal", { timeout: minutes }, async () => {
    const owner = new AbortController();
    const machine = await openMachine(context, { cell: "aborted-guest", signal: owner.signal });
    const booting = machine.boot();
    booting.catch(() => {});
    await machine.boot("firmware");
    owner.abort(new Error("the test is over"));
    await expect(booting).rejects.toThrow("the test is over");
    await machine[Symbol.asyncDispose]();
    expect(emulators("aborted-guest")).toEqual([]);
  });
});

test("a harness that is killed leaves no QEMU and no swtpm", { timeout: 2 * minutes }, async () => {
  const program = `
    import { openMachine } from ${JSON.stringify(join(import.meta.dirname, "open.ts"))};
    const machine = await openMachine(${JSON.stringify({ ...context, bus: undefined })}, { cell: "killed-guest", signal: new AbortController().signal });
    await machine.boot("firmware");
    console.log("running");
    await new Promise(() => setInterval(() => {}, 1000));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once("data", () => resolve());
    child.once("exit", (code) => reject(new Error(`it ended with ${code} before the machine ran`)));
  });
  expect(emulators("killed-guest")).not.toEqual([]);
  const gone = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await gone;
  // The kernel has sent the signals when the parent is gone; give the dying processes their turn.
  await expect.poll(() => emulators("killed-guest"), { timeout: 5000, interval: 20 }).toEqual([]);
});
