import { expect, inject, test } from "vitest";
import { proveAccelerator } from "../host/accelerator.ts";
import { buildImage } from "../image/build.ts";
import { findImage } from "../image/manifest.ts";
import type { TargetManifest } from "../model/target.ts";
import { varyTarget } from "../qemu/vary.ts";
import type { Machine } from "./machine.ts";
import { openMachine } from "./open.ts";
import { findTarget } from "./targets.ts";

const context = inject("osbench");

interface Varied {
  readonly target: string;
  /** tiny unless said. */
  readonly image?: string;
  readonly set: readonly string[];
  /** What the guest says of itself: output of a shell command, and what it must be. */
  readonly seen: Readonly<Record<string, string>>;
}

const disks = "ls /sys/block | grep -v -E '^(loop|ram)' | sort | paste -s -d ' '";
const secureBoot = "(set -- $(od -An -tu1 /sys/firmware/efi/efivars/SecureBoot-*); echo $5)";
const setupMode = "(set -- $(od -An -tu1 /sys/firmware/efi/efivars/SetupMode-*); echo $5)";

/** Every variety once, several at a time where they do not touch each other. */
const varieties: readonly Varied[] = [
  {
    target: "x86_64",
    set: [
      ...["disk.bus=nvme", "disk.sector-size=4096", "disk.further=[64]", "cores=1", "memory=384"],
      ...["tpm.device=tis", "tpm.banks=[sha1, sha384]", "watchdog=i6300esb", "clock=2014-06-01T12:00:00"],
    ],
    seen: {
      [disks]: "nvme0n1 nvme1n1",
      "cat /sys/block/nvme*/queue/logical_block_size | sort -u": "4096",
      // Which of them the kernel finds first is chance: the one without partitions is the blank one.
      "for disk in /sys/block/nvme*; do ls -d $disk/nvme*p1 >/dev/null 2>&1 || cat $disk/size; done": String((64 * 2 ** 20) / 512),
      nproc: "1",
      "echo $(($(sed -n 's/MemTotal: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo) / 1024 / 128))": "2",
      "ls /sys/class/tpm/tpm0 | grep pcr- | paste -s -d ' '": "pcr-sha1 pcr-sha384",
      "cat /sys/class/watchdog/watchdog0/identity": "i6300ESB timer",
      "date -u +%Y-%m": "2014-06",
    },
  },
  {
    target: "x86_64",
    set: ["disk.bus=virtio-scsi", "tpm=none"],
    seen: { [disks]: "sda", "readlink -f /sys/block/sda | grep -c /virtio": "1", "ls /sys/class/tpm 2>/dev/null | wc -l": "0" },
  },
  {
    target: "x86_64",
    set: ["disk.bus=ahci", "disk.further=[32]"],
    seen: { "cat /sys/block/sda/device/vendor | tr -d ' '": "ATA", "cat /sys/block/sdb/size": String((32 * 2 ** 20) / 512) },
  },
  // The kernel of this image knows no USB on x86_64; the firmware does, and there is no other disk to start from.
  { target: "x86_64-secureboot", set: ["firmware.keys=none", "disk.bus=usb"], seen: { [secureBoot]: "0", [setupMode]: "1" } },
  // No firmware here reads SD cards: what is started comes another way.
  {
    ...{ target: "riscv64", image: "forms/kernel", set: ["disk.bus=sd", "disk.further=[64]"] },
    seen: { "cat /sys/block/mmcblk0/size": String((64 * 2 ** 20) / 512) },
  },
  {
    target: "riscv64",
    set: ["disk.bus=usb", "network=e1000e", "tables=devicetree"],
    seen: {
      "readlink -f /sys/block/sda | grep -c /usb": "1",
      "basename $(readlink /sys/class/net/eth0/device/driver)": "e1000e",
      "ls -d /sys/firmware/acpi /sys/firmware/devicetree/base/compatible 2>/dev/null": "/sys/firmware/devicetree/base/compatible",
    },
  },
  {
    target: "aarch64",
    set: ["disk.bus=virtio-scsi", "disk.sector-size=4096", "tables=devicetree"],
    seen: {
      "cat /sys/block/sda/queue/logical_block_size": "4096",
      "ls -d /sys/firmware/acpi/tables/DSDT /sys/firmware/devicetree/base/compatible 2>/dev/null":
        "/sys/firmware/devicetree/base/compatible",
    },
  },
  { target: "x86_64-secureboot", image: "tiny-signed", set: [], seen: { [secureBoot]: "1", [setupMode]: "0" } },
  { target: "aarch64-secureboot", image: "tiny-signed", set: [], seen: { [secureBoot]: "1", [setupMode]: "0" } },
  { target: "aarch64", set: ["firmware.type=u-boot"], seen: { "test -d /sys/firmware/efi && echo yes": "yes" } },
  { target: "riscv64", set: ["firmware.type=u-boot"], seen: { "test -d /sys/firmware/efi && echo yes": "yes" } },
];

async function open(target: TargetManifest, name: string, signal: AbortSignal): Promise<Machine> {
  const { tools } = context;
  const { accelerator } = await proveAccelerator(tools, target.arch, { signal });
  const image = await buildImage(await findImage(name), { arch: target.arch, tools, signal });
  return await openMachine({ ...context, target, image, accelerator }, { cell: target.target, signal });
}

test.each(varieties)(
  "$target boots with $set, and the guest sees it",
  { tags: ["full"], timeout: 600_000 },
  async ({ target, image = "tiny", set, seen }) => {
    const machine = await open(await varyTarget(await findTarget(target), set), image, new AbortController().signal);
    try {
      await machine.boot();
      const said: Record<string, string> = {};
      for (const command of Object.keys(seen)) said[command] = (await machine.run(command)).stdout.trim();
      expect(said).toEqual(seen);
    } finally {
      await machine[Symbol.asyncDispose]();
    }
  },
);

test("a PC with a BIOS starts it, and it starts the disk", { tags: ["full"], timeout: 300_000 }, async () => {
  const machine = await open(await varyTarget(await findTarget("x86_64"), ["firmware.type=bios"]), "tiny", new AbortController().signal);
  try {
    await machine.boot("firmware");
    const [said] = await machine.console.expect(/SeaBIOS \(version/, { from: 0, timeoutMs: 120_000 });
    expect(said).toBeDefined();
    await machine.console.expect(/Booting from Hard Disk/, { from: 0, timeoutMs: 120_000 });
  } finally {
    await machine[Symbol.asyncDispose]();
  }
});
