import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { kernelFilesOf } from "./kernel-files.ts";

async function tree(files: Readonly<Record<string, string>>): Promise<string> {
  const root = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    if (content.startsWith("-> ")) await symlink(content.slice(3), join(root, name));
    else await writeFile(join(root, name), content);
  }
  return root;
}

test("the newest kernel and what lies beside it are found, also through links inside the tree", async () => {
  const root = await tree({
    "usr/lib/modules/6.9.1/vmlinuz": "old",
    "usr/lib/modules/6.9.1/initramfs.img": "old",
    "boot/vmlinuz-6.12.3": "new",
    "boot/initrd.img-6.12.3": "new",
    "usr/lib/modules/6.12.3/vmlinuz": "-> /boot/vmlinuz-6.12.3",
    "usr/lib/modules/6.13/modules.dep": "no kernel",
  });
  expect(await kernelFilesOf(root, "x")).toEqual({
    kernel: join(root, "boot/vmlinuz-6.12.3"),
    initrd: join(root, "boot/initrd.img-6.12.3"),
    release: "6.12.3",
  });
});

test("a link out of the tree is not followed: neither a kernel nor a folder of the host's becomes part of an image", async () => {
  const outside = await tree({ "6.1/vmlinuz": "the host's", "6.1/initrd": "the host's" });
  const link = await tree({
    "usr/lib/modules/6.1/vmlinuz": `-> ${outside}/6.1/vmlinuz`,
    "usr/lib/modules/6.2/vmlinuz": `-> ../../../../../../../../../..${outside}/6.1/vmlinuz`,
  });
  await expect(kernelFilesOf(link, "x")).rejects.toThrow("holds no kernel");
  await expect(kernelFilesOf(await tree({ "usr/lib/modules": `-> ${outside}` }), "x")).rejects.toThrow("holds no kernel");
});

test("a tree without a kernel, or with one and no initrd, is told what is looked for", async () => {
  await expect(kernelFilesOf(await tree({ "usr/lib/os-release": "" }), "my.oci")).rejects.toMatchObject({
    code: "OSB_NO_KERNEL",
    message: expect.stringMatching(/^my\.oci: holds no kernel: no \/usr\/lib\/modules\/\*\/vmlinuz is in it\n.*--target container/),
  });
  const bare = await tree({ "usr/lib/modules/6.1/vmlinuz": "k", "usr/lib/modules/6.1/initrd": "" });
  await expect(kernelFilesOf(bare, "x")).rejects.toThrow(
    /holds the kernel 6\.1 and no initrd for it: none of \/usr\/lib\/modules\/6\.1\/initramfs/,
  );
});
