import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { imageManifest, type Image } from "../model/image.ts";
import { temporaryFolder, temporaryFolderOfFile } from "../model/testdata/temporary.ts";
import type { Damage } from "./adapter.ts";
import { publishFiles } from "./publish.ts";

const folder = temporaryFolderOfFile();
for (const name of ["osb_1", "osb_2"]) {
  writeFileSync(path.join(folder, `${name}.root.raw`), `root of ${name}`.repeat(1000));
  writeFileSync(path.join(folder, `${name}.efi`), `uki of ${name}`.repeat(100));
}
const manifest = imageManifest.parse({
  image: "osb",
  title: "t",
  os: "sysupdate",
  architectures: ["x86_64"],
  versions: [1, 2].map((n) => ({ version: String(n), root: `osb_${n}.root.raw`, uki: `osb_${n}.efi` })),
});
const image: Image = { manifest, name: "osb", folder, digest: "0", architecture: "x86_64" };

async function publish(damage?: Damage): Promise<{ readonly at: string; readonly check: string }> {
  const at = await publishFiles(image, temporaryFolder(), ["2"], damage);
  const check = execFileSync("sh", ["-c", "sha256sum -c SHA256SUMS 2>&1 || true"], { cwd: at, encoding: "utf8" });
  return { at, check };
}

test("the wanted version alone is published, with sums that sha256sum itself confirms", async () => {
  const { at, check } = await publish();
  expect(check).toBe("osb_2.root.raw: OK\nosb_2.efi: OK\n");
  expect(existsSync(path.join(at, "osb_1.efi"))).toBe(false);
});

test("a damaged root has its size and one other bit, and the sums say so; the original stays whole", async () => {
  const { at, check } = await publish("root");
  expect(check).toContain("osb_2.root.raw: FAILED\nosb_2.efi: OK");
  const [before, after] = [path.join(folder, "osb_2.root.raw"), path.join(at, "osb_2.root.raw")].map((file) => readFileSync(file));
  expect(after!.length).toBe(before!.length);
  expect([...after!].filter((byte, index) => byte !== before![index])).toHaveLength(1);
  expect(before!.toString()).toBe("root of osb_2".repeat(1000));
});

test("a damaged UKI, damaged sums and a missing root are what they say", async () => {
  expect((await publish("uki")).check).toContain("osb_2.root.raw: OK\nosb_2.efi: FAILED");
  expect((await publish("sums")).check).toContain("osb_2.root.raw: FAILED\nosb_2.efi: OK");
  const incomplete = await publish("missing-root");
  expect(incomplete.check).toBe("osb_2.efi: OK\n");
  expect(existsSync(path.join(incomplete.at, "osb_2.root.raw"))).toBe(false);
});

test("a version the manifest has no files for is refused with what to add", async () => {
  await expect(publishFiles(image, folder, ["9"])).rejects.toMatchObject({ code: "OSB_OS_PUBLISH", fault: "harness" });
});
