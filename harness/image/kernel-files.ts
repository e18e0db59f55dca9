import { readdir, stat } from "node:fs/promises";
import { InputError } from "../model/errors.ts";
import { inTree } from "./tree-path.ts";

/** What a root tree carries to be started with as a machine. Paths of the host, absolute. */
export interface KernelFiles {
  readonly kernel: string;
  readonly initrd: string;
  /** What `uname -r` says of it. */
  readonly release: string;
}

const modules = "usr/lib/modules";

/** Where initrds lie, most usual first: beside the kernel (ostree, bootc, mkosi), or where kernels were before. */
const initrdsOf = (release: string) => [
  ...["initramfs.img", "initrd.img", "initrd"].map((name) => `${modules}/${release}/${name}`),
  ...[`boot/initrd.img-${release}`, `boot/initramfs-${release}.img`],
];

/**
 * Finds the newest kernel of a root tree (`/usr/lib/modules/*\/vmlinuz`, as bootable containers carry it) and its initrd. Throws InputError
 * `OSB_NO_KERNEL`, at what the user `named`, for a tree without.
 */
export async function kernelFilesOf(root: string, named: string): Promise<KernelFiles> {
  const refuse = (what: string, remedy: string) => new InputError([{ at: { file: named }, what, remedy }], "OSB_NO_KERNEL");
  const folder = await inTree(root, modules);
  const names = folder === undefined ? [] : await readdir(folder).catch(() => []);
  const newestFirst = names.toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));
  for (const release of newestFirst) {
    const kernel = await fileIn(root, `${modules}/${release}/vmlinuz`);
    if (kernel === undefined) continue;
    for (const name of initrdsOf(release)) {
      const initrd = await fileIn(root, name);
      if (initrd !== undefined) return { kernel, initrd, release };
    }
    throw refuse(
      `holds the kernel ${release} and no initrd for it: none of /${initrdsOf(release).join(", /")} is in it`,
      "Make one when the image is built: dracut, update-initramfs or mkosi write it beside the kernel.",
    );
  }
  throw refuse(
    "holds no kernel: no /usr/lib/modules/*/vmlinuz is in it",
    "An image without a kernel is started as a system container: --target container.",
  );
}

async function fileIn(root: string, path: string): Promise<string | undefined> {
  const place = await inTree(root, path);
  const info = place === undefined ? undefined : await stat(place);
  return info?.isFile() && info.size > 0 ? place : undefined;
}
