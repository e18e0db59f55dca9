import { expect, test } from "vitest";
import { diskBuses } from "../model/variety.ts";
import { driveArguments, fittingSize } from "./drives.ts";

const devices = (...args: Parameters<typeof driveArguments>) =>
  driveArguments(...args).flatMap((word, index, words) => (words[index - 1] === "-device" ? [word] : []));

test.each([
  ["virtio-blk", ["virtio-blk-pci,drive=disk0,serial=osbench0,bootindex=1"]],
  ["virtio-scsi", ["virtio-scsi-pci,id=disks", "scsi-hd,bus=disks.0,drive=disk0,serial=osbench0,bootindex=1"]],
  ["nvme", ["nvme,drive=disk0,serial=osbench0,bootindex=1"]],
  ["ahci", ["ich9-ahci,id=disks", "ide-hd,bus=disks.0,drive=disk0,serial=osbench0,bootindex=1"]],
  ["usb", ["qemu-xhci,id=disks", "usb-storage,bus=disks.0,drive=disk0,serial=osbench0,bootindex=1"]],
  ["sd", ["sdhci-pci", "sd-card,drive=disk0"]],
] as const)("a disk on %s is attached as %j", (bus, expected) => {
  expect(devices(["/w/disk0.qcow2"], { bus, sectorSize: 512 }, "pci")).toEqual(expected);
});

test("there is a way to attach a disk to every bus, and each disk is attached once, in order", () => {
  const orders = diskBuses.map((bus) => {
    const words = driveArguments(["/w/a.qcow2", "/w/b.qcow2"], { bus, sectorSize: 512 }, "pci").join(" ");
    return [bus, words.match(/(?<=drive=)disk\d/g), words.match(/(?<=node-name=)disk\d/g)];
  });
  expect(orders).toEqual(diskBuses.map((bus) => [bus, ["disk0", "disk1"], ["disk0", "disk1"]]));
});

test("each disk of an ATA controller has a port of its own", () => {
  const drives = devices(["/w/a", "/w/b"], { bus: "ahci", sectorSize: 512 }, "pci");
  expect(drives.map((drive) => /bus=disks\.\d/.exec(drive)?.[0])).toEqual([undefined, "bus=disks.0", "bus=disks.1"]);
});

test("a sector's size is said of the disk, not of its controller", () => {
  const [controller, disk] = devices(["/w/a"], { bus: "virtio-scsi", sectorSize: 4096 }, "pci");
  expect(controller).not.toContain("block_size");
  expect(disk).toMatch(/logical_block_size=4096,physical_block_size=4096$/);
});

test("a machine without disks has no controller for them", () => {
  expect(driveArguments([], { bus: "ahci", sectorSize: 512 }, "pci")).toEqual([]);
});

test("an SD card has a size of a power of two, every other disk the size it has", () => {
  expect(fittingSize("sd", 23_089_152)).toBe(33_554_432);
  expect(fittingSize("sd", 2 ** 25)).toBe(2 ** 25);
  expect(fittingSize("usb", 23_089_152)).toBe(23_089_152);
});
