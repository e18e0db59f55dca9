import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { assertTreeOf } from "./image-tree.ts";
import { findImage } from "./manifest.ts";

test("a folder without an init is told so, one with an init is a root tree", async () => {
  const folder = temporaryFolder();
  await mkdir(join(folder, "usr/sbin"), { recursive: true });
  const image = await findImage(folder);
  expect(image.manifest.form).toBe("rootfs");
  await expect(assertTreeOf(image, "x86_64")).rejects.toMatchObject({
    code: "OSB_NO_INIT",
    message: expect.stringContaining("holds no init"),
  });
  // As Debian has it: a link that leads nowhere outside the tree.
  await symlink("/usr/lib/systemd/systemd", join(folder, "usr/sbin/init"));
  await assertTreeOf(image, "x86_64");
});
