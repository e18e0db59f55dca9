import { existsSync } from "node:fs";
import { lstat, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { layRoot, readOci } from "./oci.ts";
import { writeLayout, type Member } from "./testdata/oci.ts";

async function laid(...layers: readonly (readonly Member[])[]): Promise<string> {
  const folder = temporaryFolder();
  await writeLayout(join(folder, "layout"), layers);
  await mkdir(join(folder, "root"));
  await layRoot(await readOci(join(folder, "layout"), "x86_64"), join(folder, "root"));
  return join(folder, "root");
}

const base: readonly Member[] = [
  { name: "usr/", type: "5" },
  { name: "usr/lib/", type: "5" },
  { name: "lib", type: "2", target: "usr/lib" },
  { name: "etc/", type: "5" },
  { name: "etc/keep", content: "base" },
  { name: "etc/go", content: "base" },
  { name: "etc/full/", type: "5" },
  { name: "etc/full/old", content: "base" },
  { name: "etc/alias", type: "1", target: "etc/keep" },
];

test("layers lie upon each other: files replaced, whited out, folders emptied, links followed", async () => {
  const root = await laid(base, [
    { name: "etc/.wh.go" },
    { name: "etc/full/new", content: "top" },
    { name: "etc/full/.wh..wh..opq" },
    { name: "lib/module", content: "top" },
    { name: "etc/keep", content: "top", mode: 0o755 },
  ]);
  expect((await readdir(join(root, "etc"))).sort()).toEqual(["alias", "full", "keep"]);
  expect(await readdir(join(root, "etc/full"))).toEqual(["new"]);
  expect(await readFile(join(root, "usr/lib/module"), "utf8")).toBe("top");
  expect((await lstat(join(root, "lib"))).isSymbolicLink()).toBe(true);
  expect([await readFile(join(root, "etc/keep"), "utf8"), await readFile(join(root, "etc/alias"), "utf8")]).toEqual(["top", "base"]);
  expect((await stat(join(root, "etc/keep"))).mode & 0o777).toBe(0o755);
});

test.each<[string, readonly Member[]]>([
  ["a name that climbs out", [{ name: "../outside", content: "x" }]],
  ["a name that climbs out from below", [{ name: "etc/../../outside", content: "x" }]],
  ["a hard link to the host's", [{ name: "etc/shadow", type: "1", target: "../../outside" }]],
  ["a whiteout of the host's", [{ name: "etc/.wh.../../../outside" }]],
])("%s is refused, and nothing outside the root is touched", async (_, members) => {
  const folder = temporaryFolder();
  await writeLayout(join(folder, "layout"), [base, members]);
  await mkdir(join(folder, "root"));
  const image = await readOci(join(folder, "layout"), "x86_64");
  await expect(layRoot(image, join(folder, "root"))).rejects.toThrow(
    /layer 2 of 2 \(sha256:[0-9a-f]{64}\) names .*, which leads out of the root/,
  );
  expect((await readdir(folder)).sort()).toEqual(["layout", "root"]);
});

test("a link that leads out of the root leads to the same place inside it", async () => {
  const folder = temporaryFolder();
  const root = await laid(base, [
    { name: "escape", type: "2", target: `../../../../../..${folder}` },
    { name: "absolute", type: "2", target: folder },
    { name: "escape/caught", content: "x" },
    { name: "absolute/caught too", content: "x" },
  ]);
  expect(await readdir(folder)).toEqual([]);
  expect((await readdir(join(root, folder))).sort()).toEqual(["caught", "caught too"]);
});

test("a link that leads to itself is refused", async () => {
  const members: Member[] = [
    { name: "a", type: "2", target: "b" },
    { name: "b", type: "2", target: "a" },
    { name: "a/file", content: "x" },
  ];
  await expect(laid(base, members)).rejects.toThrow(/layer 2 of 2 .* names a path of which . is a link that leads to itself/);
});

test("an image of another architecture is told so", async () => {
  const folder = temporaryFolder();
  await writeLayout(folder, [base], "arm64");
  await expect(readOci(folder, "x86_64")).rejects.toThrow("is an image for arm64, the target is x86_64 (amd64)");
});

test("a missing blob is named", async () => {
  const folder = temporaryFolder();
  const [layer = ""] = await writeLayout(folder, [base]);
  await rm(layer);
  await expect(readOci(folder, "x86_64")).rejects.toThrow(/lacks the blob sha256:[0-9a-f]{64} \(application\/vnd\.oci\.image\.layer/);
});

test.each([0, 1, 2])("a blob with a wrong digest is refused before it is believed (%i: layer, configuration, manifest)", async (which) => {
  const folder = temporaryFolder();
  const files = await writeLayout(folder, [base]);
  const bytes = await readFile(files[which] as string);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(files[which] as string, bytes);
  const root = join(folder, "root");
  await mkdir(root);
  const laying = readOci(folder, "x86_64").then((image) => layRoot(image, root));
  await expect(laying).rejects.toThrow(/sha256:[0-9a-f]{64}\)? has the digest sha256:/);
  expect(await readdir(root)).toEqual([]);
});

test("a folder that is no layout, and an index that is no JSON, are told so", async () => {
  const folder = temporaryFolder();
  await expect(readOci(folder, "x86_64")).rejects.toThrow("is no OCI layout: it has no file oci-layout");
  await writeLayout(folder, [base]);
  await writeFile(join(folder, "index.json"), "{");
  await expect(readOci(folder, "x86_64")).rejects.toThrow("index.json is not what the OCI image specification says");
  expect(existsSync(folder)).toBe(true);
});
