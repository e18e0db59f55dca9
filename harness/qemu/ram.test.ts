import { expect, test } from "vitest";
import { qemuArgv, type MachineSpec } from "./argv.ts";
import { loadArchitecture } from "./target.ts";

const spec: MachineSpec = {
  ...{ name: "m", machine: "q35", cpu: "max", cores: 2, memoryMiB: 512, accelerator: "tcg" },
  arch: await loadArchitecture("x86_64"),
  ...{ uuid: "00000000-0000-0000-0000-000000000001", mac: "52:54:00:00:00:01" },
  firmware: { code: "/fw/CODE.fd", codeFormat: "raw", vars: "/w/vars.qcow2", features: [] },
  ...{ disks: ["/w/disk0.qcow2"], drives: { bus: "virtio-blk", sectorSize: 512 }, tpm: undefined, credentials: [] },
  ...{ monitor: "/w/monitor", serial: "/w/serial", ports: {}, updates: undefined, arguments: [] },
};

/** What the second command line says that the first does not. */
function added(change: Partial<MachineSpec>): string {
  const before = new Set(qemuArgv(spec));
  return qemuArgv({ ...spec, ...change })
    .filter((word) => !before.has(word))
    .join(" ");
}

test("a machine that may be saved writes its memory into a file, and a fork never into the one it comes from", () => {
  const own = added({ ram: { file: "/s/ram", kind: "own" } });
  expect(own).toMatch(/memory-backend-file,id=ram0,size=512M,mem-path=\/s\/ram,share=on .*memory-backend=ram0/);
  const frozen = added({ ram: { file: "/s/ram", kind: "frozen" }, incoming: true });
  expect(frozen).toMatch(/mem-path=\/s\/ram,share=off,readonly=on,rom=off .*memory-backend=ram0.* -incoming defer$/);
});

test("a guest is told that it is another machine where the machine has a device for it", async () => {
  const generation = "00000000-0000-0000-0000-000000000002";
  expect(added({ generation })).toContain(`vmgenid,guid=${generation}`);
  const { "generation-device": _, ...arch } = spec.arch;
  expect(qemuArgv({ ...spec, arch, generation }).join(" ")).not.toContain(generation);
});
