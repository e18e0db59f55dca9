import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { ownFolder } from "../host/place.ts";
import { openTools } from "../host/toolbox.ts";
import { runTool, toolFile } from "../host/tools.ts";
import type { ToolsPlace } from "../model/context.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { assertStartable } from "./bootable.ts";
import { buildImage } from "./build.ts";
import { directBoot } from "./direct-boot.ts";
import { inspectImage } from "./inspect.ts";
import { findImage, type FoundImage } from "./manifest.ts";
import { writeLayout, type Member } from "./testdata/oci.ts";

vi.setConfig({ hookTimeout: 300_000 });

let tools: ToolsPlace;
beforeAll(async () => void (tools = await openTools("toolbox")));
beforeEach(() => void vi.stubEnv("XDG_CACHE_HOME", temporaryFolder()));

const isRoot = process.getuid?.() === 0;
const modules = "usr/lib/modules/6.1";

/** systemd-boot stands for the kernel, as an EFI program of its architecture: nothing here starts it. */
function kernel(): Member[] {
  const content = readFileSync(toolFile(tools, "/usr/lib/systemd/boot/efi/systemd-bootx64.efi"));
  return [
    { name: `${modules}/vmlinuz`, content },
    { name: `${modules}/initrd`, content: "070701" },
  ];
}

async function layout(members: readonly Member[], architecture?: string): Promise<string> {
  const folder = join(temporaryFolder(), "my-os");
  const common = [
    { name: "usr/sbin/init", content: "#!" },
    { name: "usr/lib/os-release", content: "ID=my\nVERSION_ID=7\n" },
  ];
  await writeLayout(folder, [[...common, ...members]], architecture);
  return folder;
}

async function assertUefi({ manifest, folder }: FoundImage): Promise<void> {
  await assertStartable(manifest, folder, { arch: "x86_64", firmware: { type: "uefi" } }, "--image");
}

test.runIf(isRoot)("an OCI image with a kernel is put into a machine, its root as a file system made once", async () => {
  const image = await findImage(await layout(kernel()));
  await assertUefi(image);
  const options = { tools, arch: "x86_64", digest: "" } as const;
  const media = await directBoot(image, options);
  expect(await directBoot(image, options)).toEqual(media);
  const [, uuid] =
    /^root=UUID=([0-9a-f-]{36}) rootfstype=erofs ro systemd\.volatile=overlay console=ttyS0$/.exec(media.kernel!.commandLine) ?? [];
  const file = media.disks[0]!.file;
  expect((await runTool(tools, ["dump.erofs", file])).stdout.toLowerCase()).toContain(uuid);
  expect((await runTool(tools, ["dump.erofs", "--path=/usr/lib/os-release", file])).stdout).toMatch(/Size: 19\b/);
  const { stdout } = await runTool(tools, ["dump.erofs", "--path=/usr/sbin/init", file]);
  expect(stdout).toMatch(/Uid: 0\b.*Gid: 0\b/);
});

test.runIf(isRoot)("an OCI image that is to be a disk is installed on one: a unified kernel image in an ESP, and a root", async () => {
  const image = await findImage(await layout(kernel()), { form: "disk" });
  await assertUefi(image);
  const { manifest, folder } = await buildImage(image, { arch: "x86_64", tools });
  const disk = join(folder, manifest.versions[0]!.disk as string);
  const found = await inspectImage(disk);
  expect(found.partitions.map(({ type, name }) => [type, name])).toEqual([
    ["EFI system", "esp"],
    ["root (x86_64)", "root"],
  ]);
  expect(found.ukis.map(({ path, osRelease }) => [path, osRelease["VERSION_ID"]])).toEqual([["/EFI/BOOT/BOOTX64.EFI", "7"]]);
  expect(found.problems).toEqual([]);
});

test.runIf(isRoot)("a machine is refused what it cannot start, before it is made: no kernel, one for another architecture", async () => {
  const bare = await findImage(await layout([]));
  await expect(assertUefi(bare)).rejects.toThrow(
    /my-os: holds no kernel: no \/usr\/lib\/modules\/\*\/vmlinuz is in it\n.*--target container/,
  );
  const other = await findImage(await layout(kernel(), "arm64"));
  await expect(assertUefi(other)).rejects.toThrow("is an image for arm64, the target is x86_64 (amd64)");
  const lies = assertStartable(other.manifest, other.folder, { arch: "aarch64", firmware: { type: "uefi" } }, "--image");
  await expect(lies).rejects.toThrow(/vmlinuz is an x86_64 image .* target aarch64 needs 0xaa64/);
});

test.runIf(isRoot)("an OCI layout is no ISO", async () => {
  const folder = await layout(kernel());
  await expect(findImage(folder, { form: "iso" })).rejects.toThrow(/^--form: .* has form oci\n.*--form disk to have it installed/);
});

test("who may not give files their owners is told so: a tree that belongs to one user would be another system", async () => {
  // In a user namespace of its own a process is nobody.
  const argv = ["--user", process.execPath, join(ownFolder, "harness/cli/main.ts"), "boot", await layout(kernel()), "--until", "ready"];
  const { stderr, exitCode } = await execa("unshare", argv, { reject: false, stdin: "ignore", timeout: 60_000 });
  expect(stderr).toMatch(/my-os cannot be laid out without permission to give its files their owners \[OSB_TREE_OWNERS\]\n.*use sudo/);
  expect(exitCode).toBe(3);
});
