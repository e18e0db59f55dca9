import { expect, test } from "vitest";
import type { BootMedia } from "../model/media.ts";
import { unstartable } from "./firmware.ts";
import { builtInTarget } from "./testdata/built-in.ts";
import { varyTarget } from "./vary.ts";

const disk: BootMedia = { disks: [{ file: "/x", format: "raw" }], discs: [] };
const kernel: BootMedia = { disks: [], discs: [], kernel: { file: "/x", commandLine: "" } };

const asked = async (target: string, media: BootMedia, ...settings: string[]) =>
  await unstartable(await varyTarget(await builtInTarget(target), settings), media);

test("firmware starts from the disks it has drivers for, and the image is not blamed for the others", async () => {
  expect(await asked("x86_64", disk)).toBeUndefined();
  expect(await asked("x86_64", disk, "disk.bus=ahci")).toBeUndefined();
  expect(await asked("aarch64", disk, "disk.bus=ahci")).toBe(
    "disk.bus: the uefi firmware of aarch64 machines has no driver for disks on ahci, and can start nothing from them",
  );
  expect(await asked("riscv64", disk, "disk.bus=usb")).toBeUndefined();
  expect(await asked("riscv64", disk, "disk.bus=usb", "firmware.type=u-boot")).toContain("the u-boot firmware of riscv64 machines");
});

test("what is not started from a disk starts whatever the disks hang on", async () => {
  expect(await asked("riscv64", kernel, "disk.bus=sd")).toBeUndefined();
});

test("a kernel is not handed over where firmware takes its place", async () => {
  expect(await asked("riscv64", kernel, "firmware.type=u-boot")).toContain("in the kernel's place");
  expect(await asked("aarch64", kernel, "firmware.type=u-boot")).toBeUndefined();
});
