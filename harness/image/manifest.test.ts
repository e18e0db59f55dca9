import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { InputError } from "../model/errors.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { findImage, imageNames, type FindOptions } from "./manifest.ts";
import type { OwnImageOptions } from "./ownimage.ts";
import { sampleFile } from "./testdata/samples.ts";

let images: string;
beforeEach(() => void (images = temporaryFolder()));

async function write(name: string, text: string): Promise<string> {
  await mkdir(join(images, name), { recursive: true });
  await writeFile(join(images, name, "image.yaml"), text);
  return join(images, name, "image.yaml");
}

function manifest(name: string, more = ""): string {
  return `image: ${name}\ntitle: a test\narchitectures: [x86_64]\nbuild: { command: [sh, build.sh] }\nversions:\n  - { version: "1", disk: a.raw }\n${more}`;
}

async function complaint(nameOrPath: string, options: FindOptions = {}): Promise<string> {
  const error = await findImage(nameOrPath, { images, ...options }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  return (error as InputError).message;
}

test("an image is found by its name below images, by its folder and by its manifest", async () => {
  const file = await write("broken/no-root", manifest("broken/no-root"));
  for (const name of ["broken/no-root", join(images, "broken/no-root"), file]) {
    const found = await findImage(name, { images });
    expect(found).toMatchObject({
      name: "broken/no-root",
      file,
      folder: join(images, "broken/no-root"),
      manifest: { memory: 1024, form: "disk" },
    });
  }
  expect(await imageNames(images)).toEqual(["broken/no-root"]);
});

test("an unknown name is told the nearest known one", async () => {
  await write("debian-ab", manifest("debian-ab"));
  await write("tiny", manifest("tiny"));
  expect(await complaint("debain-ab")).toBe('--image: unknown image "debain-ab"\n  did you mean "debian-ab"?');
  expect(await complaint("zebra")).toContain("known: debian-ab, tiny");
  expect(await complaint("./no-such.raw")).toMatch(/there is no file .*no-such\.raw, and no image of that name\n.*known: debian-ab, tiny/);
  await writeFile(join(images, "disk.raw"), "");
  expect(await complaint(join(images, "dsik.raw"))).toContain(`did you mean ${join(images, "disk.raw")}?`);
  expect(await complaint(images)).toContain("is a folder without image.yaml");
});

test("what a schema cannot know is checked too, at its place", async () => {
  await write("a", manifest("b", `  - { version: "1", disk: b.raw }\n`));
  const said = await complaint("a");
  expect(said).toContain('a/image.yaml:1:8: the image in folder "a" calls itself "b"');
  expect(said).toContain('a/image.yaml:7:16: version "1" is listed twice');
  await write("c", `image: c\ntitle: t\narchitectures: [x86_64]\nversions: [{ version: "1", disk: gone.raw }]\n`);
  expect(await complaint("c")).toContain(`c/image.yaml:4:34: there is no file ${join(images, "c/gone.raw")}`);
  await write("d", `image: d\ntitle: t\nform: uki\narchitectures: [x86_64]\nversions: [{ version: "1" }]\n`);
  expect(await complaint("d")).toContain("the first version of an image of form uki needs `uki`");
});

test.each([
  ["qcow2", "QFI\xfb\0\0\0\x03", { form: "disk", versions: [{ disk: "My Disk.img", format: "qcow2" }] }],
  ["raw", "\xeb\x63\x90", { form: "disk", versions: [{ disk: "My Disk.img", format: "raw" }] }],
  ["vmdk", "KDMV\x01\0\0\0", { form: "disk", versions: [{ disk: "My Disk.img", format: "vmdk" }] }],
  ["vhdx", "vhdxfile", { form: "disk", versions: [{ disk: "My Disk.img", format: "vhdx" }] }],
])("somebody's own %s disk needs no manifest; its first bytes say what it is, not its name", async (_format, head, expected) => {
  const file = join(images, "My Disk.img");
  await writeFile(file, Buffer.from(head, "latin1"));
  const found = await findImage(file, { images, os: "ostree", architecture: "aarch64", sshUser: "core" });
  expect(found).toMatchObject({ name: "my-disk", folder: images, file, manifest: expected });
  expect(found.manifest).toMatchObject({ os: "ostree", architectures: ["aarch64"], access: { ssh: { user: "core" } } });
});

test.each<[string, string, OwnImageOptions, object]>([
  ["UKI", "sample_1.efi", {}, { form: "uki", versions: [{ uki: "sample_1.efi" }] }],
  ["EFI program", "addonx64.efi", {}, { form: "efi", versions: [{ efi: "addonx64.efi" }] }],
  ["ISO", "sample.iso", {}, { form: "iso", versions: [{ iso: "sample.iso" }] }],
  ["ISO that is meant as a disk", "sample.iso", { form: "disk" }, { form: "disk", versions: [{ disk: "sample.iso", format: "raw" }] }],
  ["fixed VHD", "disk-fixed.vhd", {}, { form: "disk", versions: [{ disk: "disk-fixed.vhd", format: "vpc" }] }],
])("somebody's own %s is put in as one", async (_what, sample, options, expected) => {
  expect((await findImage(sampleFile(sample), { images, ...options })).manifest).toMatchObject(expected);
});

test("somebody's own kernel takes its initrd, its root and its command line with it; a folder its program", async () => {
  const kernel = Buffer.alloc(600);
  kernel.write("HdrS", 0x202);
  const file = sampleFile("vmlinuz", kernel);
  const beside = sampleFile("initrd", Buffer.from("x"));
  const found = await findImage(file, { images, initrd: beside, root: beside, commandLine: "quiet" });
  expect(found.manifest).toMatchObject({
    form: "kernel",
    versions: [
      { kernel: "vmlinuz", initrd: relative(dirname(file), beside), root: relative(dirname(file), beside), "command-line": "quiet" },
    ],
  });
  const folder = dirname(sampleFile("a.efi", Buffer.from("MZ")));
  expect((await findImage(folder, { images, netboot: "a.efi", over: "http" })).manifest).toMatchObject({
    form: "netboot",
    versions: [{ netboot: { folder: ".", file: "a.efi", over: "http" } }],
  });
});

test("somebody's own disk that has a serial login is not waited for at a channel it may never open", async () => {
  const file = join(images, "disk.raw");
  await writeFile(file, "any");
  const serial = { user: "root", password: "secret" };
  const { manifest } = await findImage(file, { images, serial, memory: 2048, version: "7" });
  expect(manifest).toMatchObject({ access: { shell: "none", serial }, memory: 2048, versions: [{ version: "7" }] });
  expect((await findImage(file, { images })).manifest.access).toEqual({ shell: "credential" });
});

test("an image that describes itself is not described by flags too", async () => {
  const file = await write("tiny", manifest("tiny"));
  const said = await complaint("tiny", { memory: 2048, sshUser: "core" });
  expect(said).toContain("--memory: describes a disk given by its path, and image tiny has a manifest that says it already");
  expect(said).toContain(`Leave --ssh-user away, or change ${file}.`);
});

test("an update family nobody speaks to is said at its place, with the nearest there is", async () => {
  const families = ["none", "sysupdate"];
  await write("a", manifest("a", "os: sysupdat\n"));
  expect(await complaint("a", { families })).toMatch(
    /a\/image\.yaml:7:5: there is no update family "sysupdat"\n.*\n.*\n.*did you mean "sysupdate"/,
  );
  await writeFile(join(images, "disk.raw"), "any");
  expect(await complaint(join(images, "disk.raw"), { families, os: "rauc" })).toMatch(
    /^--os: there is no .*"rauc"\n.*known: none, sysupdate/,
  );
});

test("an empty disk is said where it was named", async () => {
  await writeFile(join(images, "disk.raw"), "");
  expect(await complaint(join(images, "disk.raw"))).toMatch(/^--image: .*disk\.raw is empty\n.*cut short/);
});

test("an image made from another one is as that one, but for what it says itself", async () => {
  await write("good", manifest("good", "memory: 512\nos: sysupdate\n"));
  const own = `title: b\nfrom: ../../good\nbuild: { command: [sh, spoil.sh] }\n`;
  await write("broken/a", `image: broken/a\n${own}memory: 2048\n`);
  const found = await findImage("broken/a", { images });
  expect(found.manifest).toMatchObject({ image: "broken/a", title: "b", os: "sysupdate", memory: 2048, architectures: ["x86_64"] });
  expect(found.manifest.build?.command).toEqual(["sh", "spoil.sh"]);
  expect(found.base).toMatchObject({ name: "good", manifest: { memory: 512, title: "a test" } });
  await write("broken/b", `image: broken/b\n${own.replace("good", "god")}`);
  expect(await complaint("broken/b")).toContain(`broken/b/image.yaml:3:7: there is no ${join(images, "god", "image.yaml")}`);
  await write("broken/c", `image: broken/c\n${own.replace("../good", "/a")}`);
  expect(await complaint("broken/c")).toContain("broken/c/image.yaml:3:7: the image there is itself made from another one");
  await write("broken/d", `image: broken/d\n${own}memry: 1\n`);
  expect(await complaint("broken/d")).toMatch(/broken\/d\/image\.yaml:5:1: .*unknown key `memry`[^]*Did you mean `memory`/);
  await write("good", manifest("god"));
  expect(await complaint("broken/a")).toContain('good/image.yaml:1:8: the image in folder "good" calls itself "god"');
});
