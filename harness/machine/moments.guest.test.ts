import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { proveAccelerator } from "../host/accelerator.ts";
import { buildImage } from "../image/build.ts";
import { findImage } from "../image/manifest.ts";
import type { WorkerContext } from "../model/context.ts";
import { temporaryFolderOfFile } from "../model/testdata/temporary.ts";
import { varyTarget } from "../qemu/vary.ts";
import type { Machine, Moment } from "./machine.ts";
import { openBooted } from "./moments/booted.ts";
import { storedMoments } from "./moments/room.ts";
import { openMachine } from "./open.ts";
import { findTarget } from "./targets.ts";
import { allPcrs, killRounds } from "./testdata/kill-rounds.ts";

const context = inject("osbench");
const signal = new AbortController().signal;
const minutes = 60_000;

const random = "cat /proc/sys/kernel/random/uuid";
/** Who runs commands in the guest: the agent's process. */
const agent = "echo $PPID; :";

// Other runs on this host have moments of their own. Images and tools are named by absolute paths.
const ownCache = temporaryFolderOfFile();
vi.stubEnv("XDG_CACHE_HOME", ownCache);

async function answer(machine: Machine, command: string): Promise<string> {
  return (await machine.run(command)).stdout.trim();
}

describe("a machine that was saved", () => {
  let machine: Machine;
  let moment: Moment;
  let saved: string;
  let served: string;

  beforeAll(async () => {
    machine = await openMachine(context, { cell: "moments-guest", signal, savable: true });
    await machine.boot();
    await machine.shell("serial");
    saved = await answer(
      machine,
      `echo saved >/tmp/state; printf disk | dd of=/dev/vda bs=512 seek=40000 conv=notrunc 2>/dev/null; sync; ${allPcrs}`,
    );
    served = await answer(machine, agent);
    moment = await machine.save("prepared");
  }, 5 * minutes);

  afterAll(async () => {
    await machine[Symbol.asyncDispose]();
    await moment[Symbol.asyncDispose]();
  });

  test("goes on itself, and its forks where it stood, each on its own", { timeout: 3 * minutes }, async () => {
    expect(await answer(machine, "cat /tmp/state")).toBe("saved");
    const [one, other] = await Promise.all([moment.fork(), moment.fork()]);
    try {
      expect(one.phase).toBe("ready");
      expect(one.boots.at(-1)?.id).toBe(machine.boots.at(-1)?.id);
      expect(one.use()).toMatchObject({ start: { kind: "forked", moment: { name: "prepared" } }, boots: [] });
      await answer(one, "echo one >/tmp/state; printf here | dd of=/dev/vda bs=512 seek=40000 conv=notrunc 2>/dev/null; sync");
      const disk = "dd if=/dev/vda bs=512 skip=40000 count=1 2>/dev/null | head -c 4";
      expect(await answer(other, `cat /tmp/state; ${disk}`)).toBe("saved\ndisk");
      expect(await answer(machine, `cat /tmp/state; ${disk}`)).toBe("saved\ndisk");
      expect(await answer(one, allPcrs)).toBe(saved);
      // Another agent in its place would cost more than all the rest of a fork.
      for (const each of [machine, one, other]) expect(await answer(each, agent)).toBe(served);
      const numbers = await Promise.all([machine, one, other].map((each) => answer(each, random)));
      expect(new Set(numbers).size).toBe(3);
    } finally {
      await one[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
    }
  });

  test("has forks that are machines like any other: every way in, a reboot, power", { timeout: 5 * minutes }, async () => {
    const fork = await moment.fork({ clock: "now" });
    try {
      expect(Math.abs(Number(await answer(fork, "date +%s")) - Date.now() / 1000)).toBeLessThan(5);
      for (const way of ["serial", "ssh"] as const) expect((await (await fork.shell(way)).run("cat /tmp/state")).stdout).toBe("saved\n");
      const boot = await fork.reboot();
      expect(boot.number).toBe(2);
      expect(await answer(fork, "cat /tmp/state 2>/dev/null || echo rebooted; test -e /dev/tpm0 && echo tpm")).toBe("rebooted\ntpm");
      await fork.cutPower();
      await fork.boot();
      expect(await answer(fork, "dd if=/dev/vda bs=512 skip=40000 count=1 2>/dev/null | head -c 4; test -e /dev/tpm0 && echo tpm")).toBe(
        "disktpm",
      );
      expect(fork.use().boots.map(({ number }) => number)).toEqual([2, 3]);
    } finally {
      await fork[Symbol.asyncDispose]();
    }
  });

  test("can be saved again as a fork, and what is forked from that is that far", { timeout: 3 * minutes }, async () => {
    const fork = await moment.fork({ savable: true });
    let deeper: Moment | undefined;
    try {
      await answer(fork, "echo deeper >/tmp/state");
      deeper = await fork.save("deeper");
      await fork[Symbol.asyncDispose]();
      const again = await deeper.fork();
      expect(await answer(again, `cat /tmp/state; ${allPcrs}`)).toBe(`deeper\n${saved}`);
      await again[Symbol.asyncDispose]();
    } finally {
      await fork[Symbol.asyncDispose]();
      await deeper?.[Symbol.asyncDispose]();
    }
  });

  test("says why it cannot be saved when it was not opened for it", { timeout: minutes }, async () => {
    const fork = await moment.fork();
    await expect(fork.save("x")).rejects.toMatchObject({
      fault: "not-applicable",
      message: expect.stringContaining("its memory is in no file"),
    });
    expect(await answer(fork, "cat /tmp/state")).toBe("saved");
    await fork[Symbol.asyncDispose]();
  });
});

describe("the moment a boot leaves", () => {
  const open = async (cell: string, change: Partial<WorkerContext> = {}) => {
    const machine = await openBooted({ ...context, ...change }, { cell, signal });
    await machine.boot();
    const said = await answer(machine, allPcrs);
    return { machine, said, start: machine.use().start };
  };
  let saved: string;

  test("is forked by whoever comes later, unless everything is to be fresh", { timeout: 5 * minutes }, async () => {
    // One's own moments are gone with those who had them.
    expect(await storedMoments()).toEqual([]);
    const first = await open("first");
    saved = first.said;
    expect(first.start).toEqual({ kind: "booted" });
    const second = await open("second");
    expect(second.start).toMatchObject({ kind: "forked", moment: { name: "booted" } });
    expect(second.said).toBe(saved);
    expect(await storedMoments()).toMatchObject([{ inUse: true, facts: { name: "booted" } }]);
    for (const { machine } of [first, second]) await machine[Symbol.asyncDispose]();
    const fresh = await openBooted({ ...context, fresh: true }, { cell: "fresh", signal });
    expect(fresh.phase).toBe("off");
    expect(fresh.use().start).toMatchObject({ kind: "booted", why: expect.stringContaining("afresh") });
    await fresh[Symbol.asyncDispose]();
  });

  test("leaves nothing behind of forks that are killed at any moment", { timeout: 5 * minutes }, async () => {
    const { wrong, answered } = await killRounds(context, 20, saved);
    expect(wrong).toEqual([]);
    expect(answered).toBeGreaterThan(2);
  });

  test.each(["truncated", "damaged"])("is thrown away when it was %s, and the machine is booted", { timeout: 5 * minutes }, async (how) => {
    const [before] = await storedMoments();
    const devices = join(before?.folder as string, "devices");
    if (how === "truncated") await truncate(devices, 1000);
    else await spoil(before?.folder as string);
    const { machine, start } = await open(how);
    expect(start).toMatchObject(
      how === "truncated" ? { kind: "booted" } : { kind: "booted", why: expect.stringMatching(/could not be restored.*thrown away/s) },
    );
    expect(existsSync(before?.folder as string)).toBe(false);
    await machine[Symbol.asyncDispose]();
  });
});

describe.each(["x86_64", "aarch64", "riscv64"])("a machine of %s with several disks", (name) => {
  test("is saved and forked with all of them, and its TPM", { timeout: 10 * minutes, tags: ["full"] }, async () => {
    const machine = await openMachine(await withDisks(name), { cell: `disks-${name}`, signal, savable: true });
    let moment: Moment | undefined;
    try {
      await machine.boot();
      // Which of them the kernel finds first is chance: each says its own size and what was written to its end.
      const sizes = await answer(machine, "cat /sys/class/block/vd[a-z]/size");
      expect(sizes.split("\n")).toHaveLength(3);
      const each = (script: string) => `for d in vda vdb vdc; do s=$(cat /sys/class/block/$d/size); ${script}; done; sync`;
      // Without fsync the disk's own cache need not outlast its power: sync(2) does not ask a disk without a file system to empty it.
      const write = (word: string) => each(`printf %s "${word} $s" | dd of=/dev/$d bs=512 seek=$((s - 40)) conv=notrunc,fsync 2>/dev/null`);
      const read = each("dd if=/dev/$d bs=512 skip=$((s - 40)) count=1 2>/dev/null | tr -d '\\0'; echo");
      const wrote = (word: string) => sizes.split("\n").map((size) => `${word} ${size}`);
      await answer(machine, write("saved"));
      const pcrs = await answer(machine, allPcrs);
      moment = await machine.save("disks");
      const [one, other] = await Promise.all([moment.fork(), moment.fork()]);
      try {
        await answer(one, write("one's"));
        expect((await answer(other, read)).split("\n")).toEqual(wrote("saved"));
        expect((await answer(machine, read)).split("\n")).toEqual(wrote("saved"));
        for (const fork of [one, other]) expect(await answer(fork, allPcrs)).toBe(pcrs);
        const numbers = await Promise.all([machine, one, other].map((each) => answer(each, random)));
        expect(new Set(numbers).size).toBe(3);
        await one.cutPower();
        await one.boot();
        expect((await answer(one, read)).split("\n").toSorted()).toEqual(wrote("one's").toSorted());
      } finally {
        await one[Symbol.asyncDispose]();
        await other[Symbol.asyncDispose]();
      }
    } finally {
      await machine[Symbol.asyncDispose]();
      await moment?.[Symbol.asyncDispose]();
    }
  });
});

async function withDisks(name: string): Promise<WorkerContext> {
  const { tools } = context;
  const target = await varyTarget(await findTarget(name), ["disk.further=[64, 32]"]);
  // Built images are everybody's.
  vi.unstubAllEnvs();
  const image = await buildImage(await findImage("tiny"), { arch: target.arch, tools, signal });
  const { accelerator } = await proveAccelerator(tools, target.arch, { signal });
  vi.stubEnv("XDG_CACHE_HOME", ownCache);
  return { ...context, target, image, accelerator };
}

/** Damages the devices so that size and time do not show it. */
async function spoil(folder: string): Promise<void> {
  const [file, facts] = [join(folder, "devices"), join(folder, "moment.json")];
  const bytes = await readFile(file);
  await writeFile(file, bytes.fill(createHash("sha256").update("x").digest(), 100, Math.floor(bytes.length / 2)));
  const { mtimeMs } = await stat(file);
  const said = JSON.parse(await readFile(facts, "utf8")) as { files: { path: string; mtimeMs: number }[] };
  for (const one of said.files) if (one.path === file) one.mtimeMs = mtimeMs;
  await writeFile(facts, JSON.stringify(said));
}
