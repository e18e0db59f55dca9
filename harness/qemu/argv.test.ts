import { describe, expect, test } from "vitest";
import { qemuArgv, type MachineSpec } from "./argv.ts";
import { loadArchitecture } from "./target.ts";

const spec: MachineSpec = {
  name: "m",
  arch: await loadArchitecture("x86_64"),
  machine: "q35",
  cpu: "max",
  cores: 2,
  memoryMiB: 512,
  accelerator: "tcg",
  uuid: "00000000-0000-0000-0000-000000000001",
  mac: "52:54:00:00:00:01",
  firmware: { code: "/fw/CODE.fd", codeFormat: "raw", vars: "/w/vars.qcow2", features: [] },
  disks: ["/w/disk0.qcow2", "/w/disk1.qcow2"],
  tpm: { device: "tpm-crb", socket: "/w/tpm.sock" },
  credentials: [{ name: "a", value: "one,two\n" }],
  monitor: "/w/monitor",
  serial: "/w/serial",
  ports: { "org.example.port": "/w/port0" },
  updates: { address: "10.0.2.100:80", socket: "/w/updates" },
  arguments: [],
};

/** Values given for a flag, in order. */
function values(flag: string, words = qemuArgv(spec)): string[] {
  return words.flatMap((word, index) => (word === flag ? [words[index + 1] as string] : []));
}

describe("qemuArgv", () => {
  test("is a pure function of the spec", () => {
    expect(qemuArgv(spec)).toEqual(qemuArgv(structuredClone(spec)));
  });

  test("starts paused, without any default device, and never probes a disk's format", () => {
    expect(qemuArgv(spec)).toEqual(expect.arrayContaining(["-nodefaults", "-S"]));
    expect(values("-blockdev").every((value) => /driver=(raw|qcow2)/.test(value))).toBe(true);
    expect(qemuArgv(spec)).not.toContain("-drive");
  });

  test("boots the disks in their order", () => {
    const disks = values("-device").filter((device) => device.startsWith("virtio-blk"));
    expect(disks.map((device) => /bootindex=(\d)/.exec(device)?.[1])).toEqual(["1", "2"]);
  });

  test("takes the processor model from the host under KVM, and the target's under TCG", () => {
    expect(values("-cpu")).toEqual(["max"]);
    expect(values("-cpu", qemuArgv({ ...spec, accelerator: "kvm" }))).toEqual(["host"]);
  });

  test("cuts the guest off from every network but its own services", () => {
    expect(values("-netdev")[0]).toContain("restrict=on");
    expect(values("-netdev")[0]).toContain("guestfwd=tcp:10.0.2.100:80-cmd:socat STDIO UNIX-CONNECT:/w/updates");
  });

  test("hands credentials over in a form no comma can break", () => {
    expect(values("-smbios")).toEqual([`type=11,value=io.systemd.credential.binary:a=${Buffer.from("one,two\n").toString("base64")}`]);
    const fwCfg = qemuArgv({ ...spec, arch: { ...spec.arch, credentials: "fw_cfg" } });
    expect(values("-fw_cfg", fwCfg)).toEqual(["name=opt/io.systemd.credentials/a,string=one,,two\n"]);
  });

  test("gives firmware what its features ask for, and a target what it asks for itself", () => {
    const secure = { ...spec, firmware: { ...spec.firmware, features: ["requires-smm", "acpi-s3"] }, arguments: ["-device", "i6300esb"] };
    expect(values("-machine", qemuArgv(secure))).toEqual(["q35,smm=on,pflash0=flash0,pflash1=flash1"]);
    expect(values("-global", qemuArgv(secure))).toContain("driver=cfi.pflash01,property=secure,value=on");
    expect(values("-device", qemuArgv(secure))).toContain("i6300esb");
    expect(values("-global")).toEqual([]);
  });

  test("blanks the firmware's first stack where its architecture asks for it, and only when there is a file to blank it with", async () => {
    const riscv = { ...spec, arch: await loadArchitecture("riscv64") };
    expect(values("-device", qemuArgv({ ...riscv, firmware: { ...spec.firmware, blank: "/w/blank" } }))).toContain(
      "loader,file=/w/blank,addr=0x83ff0000,force-raw=on",
    );
    expect(qemuArgv(riscv).join(" ")).not.toContain("loader");
  });

  test("a machine without TPM or updates has no trace of them", () => {
    const words = qemuArgv({ ...spec, tpm: undefined, updates: undefined }).join(" ");
    expect(words).not.toMatch(/tpm|guestfwd/);
  });

  test("differs in disks, network card, tables, watchdog and clock only where the target does", () => {
    const plain = qemuArgv(spec).join(" ");
    expect(plain).not.toMatch(/-rtc|i6300esb|e1000e|acpi=|nvme/);
    const varied = {
      ...spec,
      drives: { bus: "nvme", sectorSize: 4096 },
      card: "e1000e",
      watchdog: "i6300esb",
      clock: "2014-06-01T12:00:00",
    } as const;
    expect(values("-device", qemuArgv(varied))).toEqual(
      expect.arrayContaining([expect.stringMatching(/^nvme,.*4096/), expect.stringMatching(/^e1000e,netdev=net0/), "i6300esb"]),
    );
    expect(values("-rtc", qemuArgv(varied))).toEqual(["base=2014-06-01T12:00:00"]);
    expect(values("-action", qemuArgv(varied))).toContain("watchdog=reset");
  });

  test("machines of an architecture describe themselves as its data says", async () => {
    const arch = await loadArchitecture("riscv64");
    const machine = (tables: MachineSpec["tables"]) => values("-machine", qemuArgv({ ...spec, arch, machine: "virt", tables }))[0];
    expect(machine(undefined)).toBe("virt,pflash0=flash0,pflash1=flash1");
    expect(machine("devicetree")).toBe("virt,acpi=off,pflash0=flash0,pflash1=flash1");
  });

  test("firmware that is no flash is handed over by the flag its data says, and leaves no trace of flash", async () => {
    const bios = (await loadArchitecture("x86_64"))["firmware-files"].bios;
    if (!bios) throw new Error("x86_64 has no BIOS");
    const words = qemuArgv({ ...spec, firmware: { code: bios.file, codeFormat: "raw", vars: undefined, features: [], loaded: bios } });
    expect(values("-bios", words)).toEqual([bios.file]);
    expect(values("-machine", words)).toEqual(["q35,graphics=off"]);
    expect(words.join(" ")).not.toContain("flash");
  });
});
