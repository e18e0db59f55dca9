import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import { buildImage } from "../image/build.ts";
import { findImage, imageNames, type FoundImage } from "../image/manifest.ts";
import type { Machine } from "./machine.ts";
import { openMachine } from "./open.ts";

const context = inject("osbench");
const limit = 10 * 60_000;

/** What only a system started from that form can say of itself. */
const proofs: Readonly<Record<string, readonly [command: string, says: RegExp]>> = {
  "forms/iso": ["cat /proc/partitions", /^(?![^]*\bvda\b)/],
  "forms/kernel": ["cat /proc/cmdline", /console=tty/],
  "forms/pxe": ["cat /proc/partitions", /^(?![^]*\bvda\b)/],
  "forms/http": ["cat /proc/partitions", /^(?![^]*\bvda\b)/],
  "forms/squashfs": ["grep ' / ' /proc/mounts", /squashfs ro/],
  "forms/erofs": ["grep ' / ' /proc/mounts", /erofs ro/],
  "forms/ignition": ["cat /proc/partitions", /^(?![^]*\bvda\b)/],
};
/** A disk in a format of its own, an image without a disk that boots, and one that is let into otherwise stand for the rest in the quick round. */
const quick = ["forms/qcow2", "forms/erofs", "forms/nocloud"];

const forms = (await imageNames()).filter((name) => name.startsWith("forms/"));

async function booted(found: FoundImage): Promise<Machine> {
  const image = await buildImage(found, { arch: context.target.arch, tools: context.tools });
  const machine = await openMachine(
    { ...context, image },
    { cell: `form-${found.name.replace("/", "-")}`, signal: new AbortController().signal },
  );
  onTestFinished(async () => await machine[Symbol.asyncDispose]());
  await machine.boot();
  return machine;
}

test.each(forms.filter((name) => quick.includes(name)))("boots from %s", { timeout: limit }, startsFrom);
test.each(forms.filter((name) => !quick.includes(name)))("boots from %s", { timeout: limit, tags: ["full"] }, startsFrom);

async function startsFrom(name: string): Promise<void> {
  const machine = await booted(await findImage(name));
  const [command, says] = proofs[name] ?? ["cat /proc/partitions", /\bvda\b/];
  expect((await machine.run(command)).stdout).toMatch(says);
  // Where only a seed lets in, the record says that it did.
  const way = ["forms/nocloud", "forms/ignition"].includes(name) ? { way: "ssh", by: [name.slice("forms/".length)] } : undefined;
  expect(machine.use().access).toEqual(way);
}

test("a way into somebody's own image is found by trying them all, and said", { timeout: limit, tags: ["full"] }, async () => {
  const seeded = await findImage("forms/ignition");
  const { folder } = await buildImage(seeded, { arch: context.target.arch, tools: context.tools });
  const initrd = relative(".", join(folder, "initrd"));
  expect(existsSync(initrd)).toBe(true);
  const found = await findImage(join(folder, "linux"), { initrd, sshUser: "root", memory: 256, architecture: context.target.arch });
  expect(dirname(found.file)).toBe(folder);
  // The image opens no other shell, whoever asks; cloud-init's seed lies there, and nothing reads it.
  const machine = await booted(found);
  expect(machine.use().access).toEqual({ way: "ssh", tried: ["channel", "ssh"], by: ["ignition"] });
});
