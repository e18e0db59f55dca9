import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { inspectImage } from "./inspect.ts";
import { tarOf, writeLayout } from "./testdata/oci.ts";

const init = { name: "usr/sbin/init", content: "#!" };
const kernel = { name: "./usr/lib/modules/6.1/vmlinuz", content: "k" };

test("an OCI layout says how it is started, and where it is not; without a kernel only as a container", async () => {
  const folder = temporaryFolder();
  await writeLayout(join(folder, "os"), [[init], [kernel]]);
  await writeLayout(join(folder, "app"), [[init]], "arm64");
  const os = await inspectImage(join(folder, "os"));
  expect([os.form, os.architectures]).toEqual(["oci", ["x86_64"]]);
  expect(os.words).toMatch(/^a container image \(OCI\) of 2 layers, sha256:[0-9a-f]{64}$/);
  expect(os.startable.map(({ words }) => words)).toEqual([
    `osbench boot ${folder}/os`,
    "is an image for amd64, the target is aarch64 (arm64)",
    "is an image for amd64, the target is riscv64 (riscv64)",
  ]);
  expect((await inspectImage(join(folder, "app"))).startable[1]).toMatchObject({
    starts: true,
    words: expect.stringContaining("no kernel is in it"),
  });
});

test("an archive is what it holds; what is wrong with a layout is said once", async () => {
  const folder = temporaryFolder();
  const archive = join(folder, "my.tar");
  await writeFile(archive, tarOf([{ name: "usr/", type: "5" }, init]));
  expect(await inspectImage(archive)).toMatchObject({ file: archive, form: "rootfs", words: "a root tree" });
  await writeFile(archive, tarOf([{ name: "disk.raw", content: "x" }]));
  expect((await inspectImage(archive)).words).toBe("a tar archive");
  const [, , manifest = ""] = await writeLayout(join(folder, "os"), [[init]]);
  await rm(manifest);
  expect((await inspectImage(join(folder, "os"))).problems).toEqual([expect.stringMatching(/^lacks the blob sha256:/)]);
});
