import { expect, test } from "vitest";
import { InputError } from "../model/errors.ts";
import { builtInTarget } from "./testdata/built-in.ts";
import { varyTarget } from "./vary.ts";

const pc = await builtInTarget("x86_64");

async function refusal(...settings: string[]): Promise<string> {
  const error: unknown = await varyTarget(pc, settings).catch((thrown: unknown) => thrown);
  if (!(error instanceof InputError)) throw new Error(`not refused: ${JSON.stringify(error)}`);
  return error.message;
}

test("a target is itself where nothing is set", async () => expect(await varyTarget(pc, [])).toBe(pc));

test("a key that is set differs, nothing else does, and the name says so", async () => {
  const { target, disk, ...rest } = await varyTarget(pc, ["disk.bus=nvme", "disk.further=[64, 32]"]);
  expect(target).toBe("x86_64-disk.bus-nvme-disk.further-64_32");
  expect(disk).toEqual({ bus: "nvme", "sector-size": 512, further: [64, 32] });
  const { target: _target, disk: _disk, ...same } = pc;
  expect(rest).toEqual(same);
});

test("values are YAML: numbers, lists, words", async () => {
  const { cores, tpm, clock } = await varyTarget(pc, ["cores=1", "tpm.banks=[sha1, sha384]", "clock=2014-06-01T12:00:00"]);
  expect({ cores, tpm, clock }).toEqual({ cores: 1, tpm: { device: "tpm-crb", banks: ["sha1", "sha384"] }, clock: "2014-06-01T12:00:00" });
});

test("how a TPM is reached is said in words every architecture knows", async () => {
  expect((await varyTarget(pc, ["tpm.device=tis"])).tpm?.device).toBe("tpm-tis");
  expect((await varyTarget(await builtInTarget("aarch64"), ["tpm.device=tis"])).tpm?.device).toBe("tpm-tis-device");
});

test("a promise that what was set makes impossible is taken back, and no other", async () => {
  expect(pc.declares).toEqual(["uefi", "tpm2", "measured-firmware"]);
  const without = await varyTarget(pc, ["tpm=none"]);
  expect([without.tpm, without.declares]).toEqual([undefined, ["uefi"]]);
  expect((await varyTarget(pc, ["firmware.type=bios"])).declares).toEqual(["tpm2"]);
  expect((await varyTarget(await builtInTarget("aarch64"), ["firmware.type=u-boot"])).declares).toEqual(["uefi", "tpm2"]);
  expect((await varyTarget(await builtInTarget("x86_64-secureboot"), ["firmware.keys=none"])).declares).not.toContain("secure-boot");
});

test.each([
  ["disk.bus", "--set disk.bus: is not KEY=VALUE"],
  ["disk.bus=", "--set disk.bus=: is not KEY=VALUE"],
  ["disk.buss=nvme", "unknown key `buss`\n  Did you mean `bus`?"],
  ["disk.bus=nvmee", '`bus` cannot be "nvmee"\n  Did you mean "nvme"?'],
  ["disk=nvme", "`disk` must be a mapping"],
  ["cpu.model=max", "`cpu` has no keys\n  Set it as a whole: --set cpu=max"],
  ["cores=0", "--set cores=0: `cores`"],
  ["cores=many", "`cores` must be a number, this is the text"],
  ["tpm.banks=sha256", "Make it a list: [sha256]"],
  ["tpm.device=spi", 'x86_64 machines have no TPM "spi"\n  One of: crb, tpm-crb, tis, tpm-tis'],
  ["tables=devicetree", "x86_64 machines cannot describe themselves by devicetree"],
  ["firmware.type=u-boot", "there is no u-boot for x86_64 machines\n  Possible: uefi, bios"],
  ["clock=yesterday", "give `host`, or a date and time in UTC"],
  ["arch=riscv64", "`arch` says which target it is"],
  ["arguments=[-device", "the value is not valid YAML"],
  ["declares=[secure-boot]", "secure-boot is declared, but its firmware need not have the feature secure-boot"],
])("--set %s is refused: %s", async (setting, words) => expect(await refusal(setting)).toContain(words));

test("everything that is wrong is said at once, each with its setting", async () => {
  const message = await refusal("cores=0", "disk.bus=ahci", "disk.sector-size=4096");
  expect(message).toContain("--set cores=0:");
  expect(message).toContain("--set disk.sector-size=4096: `sector-size`: disks on ahci have sectors of 512 bytes");
});
