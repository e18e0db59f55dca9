import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../model/errors.ts";
import { loadArchitecture, machineTargets } from "../qemu/target.ts";
import { findTarget } from "./targets.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "osbench-target-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(text: string, name = "mine.yaml"): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

/** What a person is told, the file's folder left out. */
async function refusal(text: string): Promise<string> {
  const error: unknown = await findTarget(await file(text)).catch((thrown: unknown) => thrown);
  if (!(error instanceof InputError)) throw new Error(`not refused: ${JSON.stringify(error)}`);
  return error.message.replaceAll(`${folder}/`, "");
}

const sound = `target: mine
title: My machine
arch: x86_64
machine: q35
firmware: { type: uefi }
`;

describe("built-in targets", () => {
  test("are called as their files are, and their architecture has what they ask for", async () => {
    const { names } = await machineTargets();
    expect(names).toEqual(["aarch64", "aarch64-secureboot", "riscv64", "x86_64", "x86_64-secureboot"]);
    for (const name of names) expect((await findTarget(name)).target).toBe(name);
  });

  test("have a TPM that QEMU has for their architecture", async () => {
    const without: string[] = [];
    for (const name of (await machineTargets()).names) {
      const { arch, tpm } = await findTarget(name);
      if (!tpm || !Object.values((await loadArchitecture(arch)).tpms).includes(tpm.device)) without.push(name);
    }
    expect(without).toEqual([]);
  });
});

describe("a target file", () => {
  test("need say little", async () => {
    expect(await findTarget(await file(sound))).toMatchObject({
      ...{ target: "mine", cpu: "max", cores: 2, network: "virtio-net", clock: "host", watchdog: "none", declares: [] },
      disk: { bus: "virtio-blk", "sector-size": 512, further: [] },
    });
  });

  test("may extend a built-in target: what it does not say is as that one says", async () => {
    const { title, tpm, disk, machine, declares } = await findTarget(
      await file("target: mine\ntitle: With NVMe\nextends: aarch64\ndisk: { bus: nvme, sector-size: 4096 }\n"),
    );
    expect({ title, machine, device: tpm?.device, bus: disk.bus }).toEqual({
      title: "With NVMe",
      machine: "virt",
      device: "tpm-tis-device",
      bus: "nvme",
    });
    expect(declares).toEqual((await findTarget("aarch64")).declares);
  });

  test("may extend another file, named from where it stands, and take away what that one has", async () => {
    await file(`${sound}tpm: { device: crb }\n`, "base.yaml");
    const heir = await findTarget(await file("target: heir\ntitle: Heir\nextends: base.yaml\ntpm: none\n"));
    expect([heir.target, heir.machine, heir.tpm]).toEqual(["heir", "q35", undefined]);
  });
});

/** Twelve kinds of mistakes and more, each with the place it is found at and what is told to do about it. */
describe("a wrong target file is refused", () => {
  test.each([
    ["is no YAML", `${sound}tpm: { device: crb\n`, ["mine.yaml:", "not valid YAML"]],
    ["lacks a key", sound.replace("machine: q35\n", ""), ["key `machine` is missing", "QEMU machine type, e.g. q35 or virt"]],
    ["has a key that is misspelt", `${sound}core: 2\n`, ["mine.yaml:6:1: unknown key `core`", "Did you mean `cores`?"]],
    [
      "is of an architecture there is none of",
      sound.replace("x86_64", "x86-64"),
      ['mine.yaml:3:7: `arch` cannot be "x86-64"', 'Did you mean "x86_64"?'],
    ],
    ["has text where a number belongs", `${sound}cores: two\n`, ['mine.yaml:6:8: `cores` must be a number, this is the text "two"']],
    ["has no processor", `${sound}cores: 0\n`, ["mine.yaml:6:8: `cores`"]],
    [
      "has text where a mapping belongs",
      `${sound.replace("{ type: uefi }", "uefi")}`,
      ["mine.yaml:5:11: `firmware` must be a mapping", "Its keys are: type, features, without, keys"],
    ],
    ["asks for firmware there is none of", sound.replace("uefi", "coreboot"), ['mine.yaml:5:19: `type` cannot be "coreboot"', "One of:"]],
    [
      "has a disk on no bus",
      `${sound}disk: { bus: sata }\n`,
      ['mine.yaml:6:14: `bus` cannot be "sata"', "virtio-blk, virtio-scsi, nvme, ahci, usb, sd"],
    ],
    [
      "has sectors its bus has not",
      `${sound}disk: { bus: sd, sector-size: 4096 }\n`,
      ["mine.yaml:6:31", "disks on sd have sectors of 512 bytes"],
    ],
    [
      "has a TPM its architecture has not",
      `${sound}tpm: { device: tpm-tis-device }\n`,
      ['mine.yaml:6:16: x86_64 machines have no TPM "tpm-tis-device"', "One of: crb, tpm-crb, tis, tpm-tis"],
    ],
    ["has a PCR bank there is none of", `${sound}tpm: { device: crb, banks: [sha265] }\n`, ["mine.yaml:6:29", 'Did you mean "sha256"?']],
    ["has one bank where a list belongs", `${sound}tpm: { device: crb, banks: sha256 }\n`, ["mine.yaml:6:28", "Make it a list: [sha256]"]],
    [
      "declares what it can never have",
      `${sound}declares: [uefi, tpm2]\n`,
      ["mine.yaml:6:18", "tpm2 is declared, but the target has no `tpm`"],
    ],
    [
      "declares Secure Boot without its firmware",
      `${sound}declares: [secure-boot]\n`,
      ["mine.yaml:6:12", "its firmware need not have the feature secure-boot"],
    ],
    [
      "describes itself as its architecture cannot",
      `${sound}tables: devicetree\n`,
      ["mine.yaml:6:9: x86_64 machines cannot describe themselves by devicetree", "Possible: acpi"],
    ],
    [
      "has U-Boot where there is none",
      sound.replace("uefi", "u-boot"),
      ["mine.yaml:5:19: there is no u-boot for x86_64 machines", "Possible: uefi, bios"],
    ],
    ["has a clock that is no time", `${sound}clock: 2014-06\n`, ["mine.yaml:6:8: `clock`: give `host`, or a date and time in UTC"]],
    [
      "has a name that names no folder",
      sound.replace("mine", "My machine"),
      ["mine.yaml:1:9: `target`: a name is made of lower-case letters"],
    ],
    [
      "extends what is not there",
      "target: mine\ntitle: x\nextends: x86-64\n",
      ['mine.yaml:3:10: nothing is called "x86-64" that could be extended', 'did you mean "x86_64"?'],
    ],
    [
      "extends itself",
      "target: mine\ntitle: x\nextends: mine.yaml\n",
      ["mine.yaml:3:10: mine.yaml extends this file itself", "Break the circle"],
    ],
  ])("that %s", async (_what, text, words) => {
    const message = await refusal(text);
    for (const word of words) expect(message).toContain(word);
    expect(message).toMatch(/mine\.yaml:\d+:\d+: /);
  });

  test("with everything that is wrong in it at once, in reading order", async () => {
    const message = await refusal(`${sound}cores: 0\ndisk: { bus: sata }\nnetwork: rtl8139\n`);
    expect(message.match(/mine\.yaml:\d+/g)).toEqual(["mine.yaml:6", "mine.yaml:7", "mine.yaml:8"]);
  });

  test("that is not there, and a name that is nearly right is suggested", async () => {
    await expect(findTarget(join(folder, "missing.yaml"))).rejects.toThrow("cannot be read: there is no such file");
    await expect(findTarget("x86-64")).rejects.toThrow('did you mean "x86_64"?');
  });
});
