import type { DiskBus } from "../model/variety.ts";

/** How the disks of a machine are attached. */
export interface Drives {
  readonly bus: DiskBus;
  /** Bytes of a logical sector. */
  readonly sectorSize: number;
}

interface Attachment {
  /** What all disks hang on, once. */
  readonly controller?: (suffix: string) => string;
  /** One disk; an SD card has a controller of its own. */
  readonly device: (index: number, suffix: string) => readonly string[];
  /** Properties that such a disk has not: its number in the boot order, its serial number. */
  readonly lacks?: readonly ("bootindex" | "serial")[];
}

/** Source: qemu-system(1); `qemu-system-… -device NAME,help`. */
const attachments: Readonly<Record<DiskBus, Attachment>> = {
  "virtio-blk": { device: (_, suffix) => [`virtio-blk-${suffix}`] },
  "virtio-scsi": { controller: (suffix) => `virtio-scsi-${suffix},id=disks`, device: () => ["scsi-hd,bus=disks.0"] },
  nvme: { device: () => ["nvme"] },
  // A controller of its own: not every machine has one, and its own would be another kind on each.
  ahci: { controller: () => "ich9-ahci,id=disks", device: (index) => [`ide-hd,bus=disks.${index}`] },
  usb: { controller: () => "qemu-xhci,id=disks", device: () => ["usb-storage,bus=disks.0"] },
  // A card takes the last slot that is free.
  sd: { device: () => ["sdhci-pci", "sd-card"], lacks: ["bootindex", "serial"] },
};

/** The largest and only size SD cards come in: a power of two. Bytes. Source: QEMU, hw/sd/sd.c. */
export function fittingSize(bus: DiskBus, bytes: number): number {
  return bus === "sd" ? 2 ** Math.ceil(Math.log2(bytes)) : bytes;
}

/** QEMU's arguments for disks in boot order: qcow2 files, and what they hang on. Pure. */
export function driveArguments(paths: readonly string[], { bus, sectorSize }: Drives, suffix: string): string[] {
  const { controller, device, lacks = [] } = attachments[bus];
  const sectors = sectorSize === 512 ? [] : [`logical_block_size=${sectorSize}`, `physical_block_size=${sectorSize}`];
  const attach = (index: number): string[] => {
    const devices = device(index, suffix);
    const properties = [
      `drive=disk${index}`,
      ...(lacks.includes("serial") ? [] : [`serial=osbench${index}`]),
      ...(lacks.includes("bootindex") ? [] : [`bootindex=${index + 1}`]),
      ...sectors,
    ];
    return devices.flatMap((one, place) => ["-device", place === devices.length - 1 ? [one, ...properties].join(",") : one]);
  };
  return [
    ...(controller && paths.length > 0 ? ["-device", controller(suffix)] : []),
    ...paths.flatMap((path, index) => ["-blockdev", blockNode(path, index), ...attach(index)]),
  ];
}

function blockNode(path: string, index: number): string {
  // A guest's flush need not reach the host's platter: the overlay dies with the machine.
  const cache = "cache.direct=off,cache.no-flush=on";
  return `node-name=disk${index},driver=qcow2,${cache},discard=unmap,file.driver=file,file.${cache.replace(",", ",file.")},file.filename=${path}`;
}
