import { expect, test } from "vitest";
import { imageManifest, type Image } from "../model/image.ts";
import { bootMedia } from "./media.ts";

function image(form: string, version: object): Image {
  const versions = [{ version: "1", ...version }, { version: "2" }];
  const manifest = imageManifest.parse({ image: "a", title: "t", architectures: ["aarch64"], form, versions });
  return { manifest, name: "a", folder: "/f", digest: "", architecture: "aarch64" };
}

test("each form is put into a machine as what it is, its paths absolute, a disk's format always said", () => {
  expect(bootMedia(image("disk", { disk: "a.vhd", format: "vpc" }))).toEqual({ disks: [{ file: "/f/a.vhd", format: "vpc" }], discs: [] });
  expect(bootMedia(image("iso", { iso: "a.iso" }))).toEqual({ disks: [], discs: ["/f/a.iso"] });
  expect(bootMedia(image("netboot", { netboot: { folder: "tree", file: "b.efi" } }))).toEqual({
    ...{ disks: [], discs: [] },
    network: { folder: "/f/tree", file: "b.efi", over: "pxe" },
  });
  expect(bootMedia(image("kernel", { kernel: "k", root: "r", "command-line": "root=/dev/vda console={console}" }))).toEqual({
    ...{ disks: [{ file: "/f/r", format: "raw" }], discs: [] },
    kernel: { file: "/f/k", commandLine: "root=/dev/vda console=ttyAMA0" },
  });
});

test("a version there is nothing of to start from is an error of whoever asked for it", () => {
  const updated = image("disk", { disk: "a.raw" });
  for (const wanted of ["2", "3"]) expect(() => bootMedia(updated, wanted)).toThrow(/a has no disk of version/);
});
