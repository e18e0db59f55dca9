import { expect, test } from "vitest";
import { openTools } from "../host/toolbox.ts";
import { buildImage } from "../image/build.ts";
import { findImage } from "../image/manifest.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { openMachine } from "./open.ts";
import { findTarget } from "./targets.ts";

test.runIf(process.getuid?.() === 0)(
  "a container is a machine: ways in, a reboot that keeps what was written, power off, and a pulled plug",
  async () => {
    const [tools, target] = [await openTools("toolbox"), await findTarget("container")];
    const image = await buildImage(await findImage("debian-ab"), { arch: target.arch, tools });
    const context = { run: "test", runFolder: temporaryFolder(), image, target, tools, accelerator: "native" as const, bus: undefined };
    const machine = await openMachine(context, { cell: "container", signal: new AbortController().signal });
    try {
      const first = await machine.boot();
      expect(Object.keys(first.durations)).toEqual(["userspace"]);
      for (const way of ["channel", "ssh", "serial"] as const)
        expect((await (await machine.shell(way)).run("id -u")).stdout.trim()).toBe("0");
      await machine.run("echo kept >/var/lib/marker");
      const second = await machine.reboot();
      expect([second.number, second.id === first.id]).toEqual([2, false]);
      expect((await machine.run("cat /var/lib/marker")).stdout).toBe("kept\n");
      await machine.powerOff();
      expect(machine.phase).toBe("off");
      await machine.boot();
      expect((await machine.run("cat /var/lib/marker")).stdout).toBe("kept\n");
      expect(await machine.capability("tpm2")).toEqual({ name: "tpm2", present: false, reason: "a system container has no TPM" });
      expect(await machine.capability("system-container-runtime")).toMatchObject({
        present: false,
        reason: "the guest may mount no sysfs of its own, which a system container needs: its own is partly covered",
      });
      // Debian brings one in another image only: what is claimed of it does not apply here.
      expect(await machine.capability("oci-runtime")).toMatchObject({
        present: false,
        reason: expect.stringMatching(/neither crun nor runc/),
      });
      await machine.cutPower();
      expect([machine.phase, machine.boots.length]).toEqual(["off", 3]);
    } finally {
      await machine[Symbol.asyncDispose]();
    }
  },
  180_000,
);
