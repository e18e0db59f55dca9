import { expect, test } from "vitest";
import { parseSlots } from "./slots.ts";

/** As blkid and lsblk of util-linux 2.41 print it. */
const answer = `PARTITION=/dev/vda1
PART_ENTRY_NAME=esp
PART_ENTRY_TYPE=c12a7328-f81f-11d2-ba4b-00a0c93ec93b
PART_ENTRY_SIZE=262144
PARTITION=/dev/vda2
DEVNAME=/dev/vda2
PART_ENTRY_NAME=osb_1
PART_ENTRY_TYPE=4f68bce3-e8cd-4db1-96e7-fbcaf984b709
PART_ENTRY_SIZE=524288
PARTITION=/dev/vda3
PART_ENTRY_NAME=_empty
PART_ENTRY_TYPE=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709
PART_ENTRY_SIZE=524288
PARTITION=/dev/vda4
PART_ENTRY_NAME=var
PART_ENTRY_TYPE=0fc63daf-8483-4772-8e79-3d69d8477de4
PART_ENTRY_SIZE=1048576
RUNNING=/dev/vda2
RUNNING=/dev/vda
`;
const versionOf = (label: string) => /^osb_(.+)$/.exec(label)?.[1];

test("OS partitions are slots, with label, version and size; the running one is known by its device", () => {
  expect(parseSlots(answer, versionOf)).toEqual([
    { partition: "/dev/vda2", label: "osb_1", version: "1", bytes: 268_435_456, running: true },
    { partition: "/dev/vda3", label: "_empty", version: undefined, bytes: 268_435_456, running: false },
  ]);
});

test("a slot below a verity device is the running one", () => {
  const verity = answer.replace("RUNNING=/dev/vda2\n", "RUNNING=/dev/mapper/usr\nRUNNING=/dev/vda3\n");
  expect(parseSlots(verity, versionOf).map(({ running }) => running)).toEqual([false, true]);
});

test("a partition without a label is not mistaken for its neighbour", () => {
  const unlabelled = answer.replace("PART_ENTRY_NAME=_empty\n", "");
  expect(parseSlots(unlabelled, versionOf)[1]).toMatchObject({ partition: "/dev/vda3", label: "", version: undefined });
});

test("no running device is our question failing, not an image without slots", () => {
  expect(() => parseSlots(answer.replaceAll(/RUNNING=.*\n/g, ""), versionOf)).toThrow(/no device was named/);
});
