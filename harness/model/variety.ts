import { z } from "zod";

/** Buses a machine's disks can hang on. */
export const diskBuses = ["virtio-blk", "virtio-scsi", "nvme", "ahci", "usb", "sd"] as const;
export type DiskBus = (typeof diskBuses)[number];

/** Buses whose disks know sectors of 512 bytes only: ATA in QEMU, and SD cards by their specification. */
const smallSectorsOnly: readonly DiskBus[] = ["ahci", "sd"];

export const networkCards = ["virtio-net", "e1000e"] as const;
export type NetworkCard = (typeof networkCards)[number];

/** How a machine can tell its system what it is made of. */
export const hardwareTables = ["acpi", "devicetree"] as const;
export type HardwareTables = (typeof hardwareTables)[number];

/** What differs between machines of one architecture, as keys of a target: disks, network, tables, watchdog, clock. */
export const variety = {
  disk: z
    .strictObject({
      bus: z.enum(diskBuses).default("virtio-blk").describe("What the machine's disks hang on"),
      "sector-size": z
        .union([z.literal(512), z.literal(4096)])
        .default(512)
        .describe("Bytes of a logical sector: 512 or 4096. An image is made for one of them"),
      further: z
        .array(z.number().int().min(1))
        .default([])
        .describe("Blank disks beside the image's own, each by its size in MiB: [64, 1024]"),
    })
    .superRefine(({ bus, "sector-size": size }, context) => {
      if (size === 512 || !smallSectorsOnly.includes(bus)) return;
      const fitting = diskBuses.filter((one) => !smallSectorsOnly.includes(one));
      context.addIssue({
        code: "custom",
        path: ["sector-size"],
        message: `disks on ${bus} have sectors of 512 bytes; sectors of ${size} bytes are for ${fitting.join(", ")}`,
      });
    })
    .prefault({})
    .describe("The machine's disks"),
  network: z.enum(networkCards).default("virtio-net").describe("The machine's network card"),
  tables: z
    .enum(hardwareTables)
    .optional()
    .describe("How the machine tells its system what it is made of; by default as QEMU does it for this machine type"),
  watchdog: z.enum(["none", "i6300esb"]).default("none").describe("A watchdog, which resets the machine when it runs out"),
  clock: z
    .string()
    .regex(/^(host|\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2})?)$/, "give `host`, or a date and time in UTC such as 2014-06-01T12:00:00")
    .default("host")
    .describe("What its real-time clock says when it is switched on: `host` (the right time) or a date and time in UTC"),
};
