import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { execa } from "execa";
import { expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { assertTreeOf } from "./image-tree.ts";
import { findImage } from "./manifest.ts";
import { tarOf, writeLayout } from "./testdata/oci.ts";
import { treeFolder } from "./tree-archive.ts";

const system = [
  { name: "usr/", type: "5" },
  { name: "usr/sbin/init", content: "#!" },
  { name: "etc/.wh.kept", content: "a name is a name" },
] as const;

test("an archive of a root tree is an image of form rootfs, packed or not, and named as the user named it", async () => {
  const folder = temporaryFolder();
  for (const [name, bytes] of [
    ["my.tar", tarOf(system)],
    ["my.tar.gz", gzipSync(tarOf(system))],
  ] as const) {
    const file = join(folder, name);
    await writeFile(file, bytes);
    const image = await findImage(file);
    expect([image.name, image.manifest.form, image.file]).toEqual(["my", "rootfs", file]);
    await assertTreeOf(image, "x86_64");
    expect(await readFile(join(await treeFolder(file), "etc/.wh.kept"), "utf8")).toBe("a name is a name");
  }
});

test("an archive of an OCI layout is an image of form oci; one that is cut short is not believed", async () => {
  const folder = temporaryFolder();
  await writeLayout(join(folder, "layout"), [system]);
  const file = join(folder, "my.oci.tar");
  await execa("tar", ["-C", join(folder, "layout"), "-cf", file, "."]);
  const image = await findImage(file);
  expect([image.name, image.manifest.form, image.manifest.versions[0]?.oci]).toEqual(["my.oci", "oci", "my.oci.tar"]);
  await assertTreeOf(image, "x86_64");
  await expect(assertTreeOf(image, "aarch64")).rejects.toThrow("is an image for amd64, the target is aarch64 (arm64)");
  await writeFile(join(folder, "short.tar"), (await readFile(file)).subarray(0, 3000));
  await expect(findImage(join(folder, "short.tar"))).rejects.toThrow(/short\.tar: cannot be unpacked: the archive is cut short/);
});

test("an archive that names a place outside is refused and touches nothing; one of something else is told so", async () => {
  const folder = temporaryFolder();
  await mkdir(join(folder, "in"));
  const file = join(folder, "in/a.tar");
  await writeFile(file, tarOf([...system, { name: "../outside", content: "x" }]));
  await expect(findImage(file)).rejects.toThrow(/a\.tar: names "\.\.\/outside", which leads out of the root/);
  expect(await readdir(folder)).toEqual(["in"]);
  await writeFile(file, tarOf([{ name: "disk.raw", content: "x" }]));
  await expect(findImage(file)).rejects.toThrow(/is a tar archive that holds neither an OCI layout nor a root tree\n/);
  await writeFile(file, tarOf([{ name: "manifest.json", content: "[]" }]));
  await expect(findImage(file)).rejects.toThrow(/but an image as `docker save` writes it\n.*skopeo copy docker-archive:/);
});
