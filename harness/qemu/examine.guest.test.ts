import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { spawnTool } from "../host/tools.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { examineProcessors } from "./examine.ts";
import { Qmp } from "./qmp.ts";
import { Listener } from "./socket.ts";

const { tools, accelerator } = inject("osbench");

/** mov al,'!'; out 0xe9,al: said on the debug port by each program before anything else. */
const greeting = [0xb0, 0x21, 0xe6, 0xe9];

/** x86 programs of a boot sector, started at 0x7c00 in real mode by the BIOS. */
const programs = {
  // sti; hlt; jmp back: woken by the BIOS's timer, 18 times a second
  halted: [0xfb, 0xf4, 0xeb, 0xfd],
  // jmp to itself
  spinning: [0xeb, 0xfe],
  // es:0 to es:fffc of segment 1000 filled with nop, a jmp to its beginning behind them; jmp there: 64 KiB, met anywhere with the same chance
  running: [
    ...[0xb8, 0x00, 0x10, 0x8e, 0xc0, 0x31, 0xff, 0xb9, 0xfd, 0xff, 0xb0, 0x90, 0xfc, 0xf3, 0xaa],
    ...[0xb0, 0xe9, 0xaa, 0x31, 0xc0, 0xab, 0xea, 0x00, 0x00, 0x00, 0x10],
  ],
} as const;

test.each(Object.keys(programs) as (keyof typeof programs)[])(
  "a processor that is %s is found to be so",
  { timeout: 120_000 },
  async (what) => {
    const folder = temporaryFolder();
    // A BIOS starts no disk of one sector.
    const disk = Buffer.alloc(2 ** 20);
    Buffer.from([...greeting, ...programs[what]]).copy(disk);
    disk.writeUInt16LE(0xaa55, 510);
    writeFileSync(join(folder, "disk"), disk);
    const monitor = await Listener.open(join(folder, "monitor"));
    const signal = AbortSignal.timeout(60_000);
    const connected = monitor.next(signal);
    const qemu = spawnTool(
      tools,
      [
        ...[
          "qemu-system-x86_64",
          "-nodefaults",
          "-no-user-config",
          "-display",
          "none",
          "-machine",
          "q35",
          "-accel",
          accelerator,
          "-m",
          "32M",
        ],
        ...["-chardev", `socket,id=m,path=${monitor.path},server=off`, "-mon", "chardev=m,mode=control"],
        ...["-drive", `file=${join(folder, "disk")},format=raw,if=virtio`],
        ...["-chardev", "stdio,id=word,signal=off", "-device", "isa-debugcon,iobase=0xe9,chardev=word"],
      ],
      { stdin: "pipe", stdout: "pipe", stderr: "inherit", encoding: "buffer" },
    );
    const greeted = once(qemu.stdout, "data", { signal });
    greeted.catch(() => {});
    try {
      const qmp = new Qmp(await connected);
      await qmp.negotiate(signal);
      await greeted;
      const { doing, words, starved } = await examineProcessors(qmp, 1500);
      expect(`${doing}\n${words}`).toMatch(new RegExp(`^${what}\\n`));
      expect(starved).toBeGreaterThanOrEqual(0);
      expect(starved).toBeLessThan(1);
    } finally {
      qemu.kill("SIGKILL");
      await qemu;
      await monitor[Symbol.asyncDispose]();
    }
  },
);
