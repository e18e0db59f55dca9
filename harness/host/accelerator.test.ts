import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HarnessError } from "../model/errors.ts";
import { proveAccelerator } from "./accelerator.ts";

test("a host that lacks an architecture's QEMU is told which, and what brings it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "osbench-path-"));
  const path = process.env["PATH"];
  try {
    // What asks for versions is there, the QEMU is not.
    for (const program of ["setpriv", "sh"]) {
      await writeFile(join(folder, program), "#!/bin/false\n");
      await chmod(join(folder, program), 0o755);
    }
    process.env["PATH"] = folder;
    const error: unknown = await proveAccelerator({ kind: "host", root: "", digest: undefined }, "riscv64").catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(HarnessError);
    expect((error as HarnessError).message).toBe("no riscv64 machine can run here: qemu-system-riscv64 is not among the host tools");
    expect((error as HarnessError).hint).toBe("Install qemu-system-misc, or leave out --tools host");
  } finally {
    process.env["PATH"] = path;
    await rm(folder, { recursive: true, force: true });
  }
});
