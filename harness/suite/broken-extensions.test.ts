import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { imageManifest, type Image } from "../model/image.ts";
import type { Machine } from "../machine/machine.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { claimAbsent, claimMerged, claimPresent, claimReadOnly, selectExtensions } from "./extension-claims.ts";

let folder: string;
let image: Image;
let merged: readonly string[];

/** Files are real, on this host; only the extension tool's answer is made up. */
const machine = {
  run: (command: string) =>
    new Promise((resolve) => {
      const status = JSON.stringify([{ hierarchy: "/usr", extensions: merged.length === 0 ? "none" : merged, since: 1 }]);
      const script = command.includes("status") ? `echo '${status}'` : command;
      execFile("sh", ["-c", script], (error, stdout, stderr) =>
        resolve({ command, code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
      );
    }),
} as unknown as Machine;

beforeEach(() => {
  folder = temporaryFolder();
  const extension = (name: string, matches: boolean) => ({
    name,
    kind: "sysext",
    file: `out/${name}.raw`,
    matches,
    provides: path.join(folder, name),
    content: `${name}\n`,
  });
  const extensions = [extension("fits", true), extension("other-os", false)];
  const manifest = imageManifest.parse({ image: "osb", title: "t", architectures: ["x86_64"], versions: [{ version: "1" }], extensions });
  image = { manifest, name: "osb", folder, digest: "", architecture: "x86_64" };
  merged = ["fits"];
  writeFileSync(path.join(folder, "fits"), "fits\n");
});

const select = (word: string) => selectExtensions(image, "sysext", word, "1");
const blamed = { fault: "image" };

test("holds when what must be merged is, and its file is there", async () => {
  await expect(claimMerged(machine, "sysext", select("accepted"))).resolves.toBeUndefined();
  await expect(claimPresent(machine, select("accepted"))).resolves.toBeUndefined();
  await expect(claimAbsent(machine, select("refused"))).resolves.toBeUndefined();
});

test("notices an extension that was merged although it does not match, by status and by its file", async () => {
  merged = ["fits", "other-os"];
  writeFileSync(path.join(folder, "other-os"), "");
  await expect(claimMerged(machine, "sysext", select("accepted"))).rejects.toMatchObject(blamed);
  await expect(claimAbsent(machine, select("refused"))).rejects.toMatchObject(blamed);
});

test("notices an extension that says it is merged and whose file is missing or another", async () => {
  writeFileSync(path.join(folder, "fits"), "old\n");
  await expect(claimPresent(machine, select("accepted"))).rejects.toThrow(/holds "old/);
  rmSync(path.join(folder, "fits"));
  await expect(claimPresent(machine, select("accepted"))).rejects.toThrow(/cannot be read/);
});

test("notices that nothing is merged", async () => {
  merged = [];
  await expect(claimMerged(machine, "sysext", select("accepted"))).rejects.toThrow(/merged are: none; claimed is exactly: fits/);
  await claimMerged(machine, "sysext", []);
});

test("notices a hierarchy that can be written, and leaves nothing there", async () => {
  await expect(claimReadOnly(machine, [folder])).rejects.toMatchObject({ code: "OSB_SYSEXT_WRITABLE" });
  await claimReadOnly(machine, ["/proc/self", "/nonexistent"]);
});

test("a word without extensions does not apply, an unknown name is the suite's mistake", () => {
  expect(select("all").map(({ name }) => name)).toEqual(["fits", "other-os"]);
  expect(select("fits")).toHaveLength(1);
  expect(() => selectExtensions(image, "confext", "accepted", "1")).toThrow(expect.objectContaining({ fault: "not-applicable" }));
  expect(() => select("fit")).toThrow(expect.objectContaining({ fault: "harness" }));
});
