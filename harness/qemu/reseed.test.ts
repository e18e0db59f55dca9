import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTools } from "../host/toolbox.ts";
import { toolFile } from "../host/tools.ts";
import { temporaryFolderOfFile } from "../model/testdata/temporary.ts";
import { architectures } from "../model/target.ts";
import { reseedProgram } from "./reseed.ts";
import { loadArchitecture } from "./target.ts";

const folder = temporaryFolderOfFile();

test("every machine has either a device that tells its kernel of a fork or a program that does", async () => {
  for (const name of architectures) {
    const arch = await loadArchitecture(name);
    expect([arch["generation-device"] !== undefined, reseedProgram(arch) !== undefined].filter(Boolean)).toHaveLength(1);
  }
});

test.each(["aarch64", "riscv64"] as const)("the program of %s asks the kernel for new random numbers, and ends", async (name) => {
  const file = join(folder, name);
  await writeFile(file, reseedProgram(await loadArchitecture(name)) as Uint8Array, { mode: 0o755 });
  const emulator = toolFile(await openTools("toolbox"), `/usr/bin/qemu-${name}`);
  const { said, code } = await new Promise<{ said: string; code: unknown }>((resolve) =>
    execFile(emulator, ["-strace", file], (error, _, stderr) => resolve({ said: stderr, code: error?.code ?? 0 })),
  );
  expect(said).toMatch(/openat\(AT_FDCWD,"\/dev\/urandom",O_WRONLY\) = (\d+)\n.*ioctl\(\1,RNDRESEEDCRNG\) = /);
  // Only root may: another hears it in the exit code.
  expect(code).toBe(/RNDRESEEDCRNG\) = 0/.test(said) ? 0 : 255);
});
