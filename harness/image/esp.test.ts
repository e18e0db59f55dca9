import { copyFileSync, statSync, truncateSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { openTools } from "../host/toolbox.ts";
import { toolFile } from "../host/tools.ts";
import type { ToolsPlace } from "../model/context.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { assertBootable } from "./bootable.ts";
import { diskAround } from "./esp.ts";

vi.setConfig({ hookTimeout: 300_000 });

let tools: ToolsPlace;
beforeAll(async () => void (tools = await openTools("toolbox")));
beforeEach(() => void vi.stubEnv("XDG_CACHE_HOME", temporaryFolder()));

/** systemd-boot, as the EFI program it is; made larger by zeros that firmware does not read. */
function program(bytes?: number): string {
  const file = join(temporaryFolder(), "boot.efi");
  copyFileSync(toolFile(tools, "/usr/lib/systemd/boot/efi/systemd-bootx64.efi"), file);
  if (bytes !== undefined) truncateSync(file, bytes);
  return file;
}

test.each([
  ["small", undefined],
  ["too large for FAT16", 600 * 2 ** 20],
])("a %s EFI program gets a disk firmware starts it from", async (_, bytes) => {
  const disk = await diskAround(program(bytes), { arch: "x86_64", tools, digest: `program of ${bytes}` });
  await assertBootable(disk, "x86_64", "--image");
  await expect(assertBootable(disk, "aarch64", "--image")).rejects.toThrow("x86_64");
});

test("the disk is made once", async () => {
  const file = program();
  const first = await diskAround(file, { arch: "x86_64", tools, digest: "once" });
  utimesSync(first, 1, 1);
  expect(await diskAround(file, { arch: "x86_64", tools, digest: "once" })).toBe(first);
  expect(statSync(first).mtimeMs).toBe(1000);
  expect(await diskAround(file, { arch: "x86_64", tools, digest: "another" })).not.toBe(first);
});
