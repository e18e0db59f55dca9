import { HarnessError } from "../model/errors.ts";
import type { Slot } from "./adapter.ts";

/**
 * Shell script that prints every partition as the partition table on the disk has it now (blkid probes the disk itself; what udev
 * remembers may be older), then the devices below the running /usr, nearest first.
 */
export const readPartitions = `for p in /sys/class/block/*/partition; do
  [ -e "$p" ] || continue
  d=\${p%/partition}; d=/dev/\${d##*/}
  printf 'PARTITION=%s\\n' "$d"
  blkid -p -o export -s PART_ENTRY_NAME -s PART_ENTRY_TYPE -s PART_ENTRY_SIZE "$d" || [ $? -eq 2 ] || exit 1
done
running=
for point in /usr /; do
  # A merged system extension lies over /usr and is no device.
  for source in $(findmnt -nvo SOURCE --mountpoint "$point"); do
    case $source in /dev/*) running=$source ;; esac
  done
  [ -z "$running" ] || break
done
lsblk -nsro PATH "$running" | sed 's/^/RUNNING=/'`;

const sectorBytes = 512;

/** Partition types that hold an OS: root and /usr of the three architectures. Source: UAPI Discoverable Partitions Specification. */
const osPartitionTypes = new Set([
  "4f68bce3-e8cd-4db1-96e7-fbcaf984b709",
  "b921b045-1df0-41c3-af44-4c6f280d3fae",
  "72ec70a6-cf74-40e6-bd49-4bda08e8f224",
  "8484680c-9521-48c6-9c11-b0720656f69e",
  "b0e01050-ee5f-4390-949a-9101b17104e9",
  "beaec34b-8442-439b-a40b-984381ed097d",
]);

/** Reads what `readPartitions` printed into the OS slots; `versionOf` finds the version in a label. Throws HarnessError when no running device is named. */
export function parseSlots(output: string, versionOf: (label: string) => string | undefined): readonly Slot[] {
  const partitions: Map<string, string>[] = [];
  const running: string[] = [];
  for (const line of output.split("\n")) {
    const [, key, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
    if (key === "RUNNING") running.push(value!);
    else if (key === "PARTITION") partitions.push(new Map([[key, value!]]));
    else if (key) partitions.at(-1)?.set(key, value!.replaceAll(/\\(.)/g, "$1"));
  }
  if (running.length === 0) {
    throw new HarnessError("OSB_OS_SLOTS", `asking which slot the running system lies in: no device was named in\n${output}`);
  }
  return partitions
    .filter((partition) => osPartitionTypes.has((partition.get("PART_ENTRY_TYPE") ?? "").toLowerCase()))
    .map((partition) => {
      const label = partition.get("PART_ENTRY_NAME") ?? "";
      const device = partition.get("PARTITION")!;
      return {
        partition: device,
        label,
        version: versionOf(label),
        bytes: Number(partition.get("PART_ENTRY_SIZE")) * sectorBytes,
        running: running.includes(device),
      };
    });
}
