import { expect, inject, onTestFinished, test } from "vitest";
import { buildImage } from "../image/build.ts";
import { findImage } from "../image/manifest.ts";
import type { Machine } from "./machine.ts";
import { openMachine } from "./open.ts";
import { findTarget } from "./targets.ts";

const context = inject("osbench");
const limit = 10 * 60_000;
const isRoot = process.getuid?.() === 0;

/** Booted in the target of the round, or in a container. */
async function booted(name: string, inContainer = false): Promise<Machine> {
  const target = inContainer ? await findTarget("container") : context.target;
  const image = await buildImage(await findImage(name), { arch: target.arch, tools: context.tools });
  const place = inContainer ? { target, accelerator: "native" as const } : {};
  const signal = new AbortController().signal;
  const machine = await openMachine({ ...context, ...place, image }, { cell: `${name}-${target.target}`, signal });
  onTestFinished(async () => await machine[Symbol.asyncDispose]());
  await machine.boot();
  return machine;
}

async function says(machine: Machine, command: string): Promise<string> {
  return (await machine.run(command)).stdout.trim();
}

const rootType = "findmnt -n -o FSTYPE /";

// The image takes minutes to build.
test.runIf(isRoot)(
  "a layer on top is there in a container, and what it whites out is not",
  { timeout: limit, tags: ["full"] },
  async () => {
    const machine = await booted("debian-bootable-derived", true);
    expect(await says(machine, "cat /run/osbench-layer; ls /etc/issue.net 2>&1")).toMatch(/^from the layer on top\nls: .*No such file/);
    expect(machine.image.containers?.["1"]?.base).toMatchObject({
      name: "debian-bootable-container",
      found: expect.stringContaining("lowest 1 of 2"),
    });
  },
);

test.runIf(isRoot)(
  "an OCI image boots in a machine from a root it cannot write, and writes all the same",
  { timeout: limit, tags: ["full"] },
  async () => {
    const machine = await booted("debian-bootable-derived");
    expect(await says(machine, rootType)).toBe("overlay");
    expect(await says(machine, "cat /run/osbench-layer; ls /etc/issue.net 2>&1")).toMatch(/^from the layer on top\nls: .*No such file/);
    expect(await says(machine, "blkid -s TYPE -o value /dev/vda; touch /usr/written && echo written")).toBe("erofs\nwritten");
  },
);

test.runIf(isRoot)(
  "an OCI image that is installed on a disk boots under UEFI and keeps what it writes",
  { timeout: limit, tags: ["full"] },
  async () => {
    const machine = await booted("debian-bootable-installed");
    expect(await says(machine, rootType)).toBe("ext4");
    expect(await machine.capability("uefi")).toMatchObject({ present: true });
    await machine.run("echo kept >/var/lib/marker");
    await machine.reboot();
    expect(await says(machine, "cat /var/lib/marker")).toBe("kept");
  },
);
