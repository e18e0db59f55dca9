import { expect, test } from "vitest";
import { ClaimFailed } from "../model/errors.ts";
import { imageManifest } from "../model/image.ts";
import type { Machine } from "../machine/machine.ts";
import { imageCapability } from "./capabilities.ts";
import { adapterFor } from "./families.ts";

const transfers = `\u001e/usr/lib/sysupdate.d/50-root.transfer\n[Target]\nType=partition\nMatchPattern=osb_@v\n\u001e/usr/lib/sysupdate.d/60-uki.transfer\n[Target]\nType=regular-file\nMatchPattern=osb_@v+@l-@d.efi osb_@v.efi\n`;

function partitions(labels: readonly string[], running: string): string {
  const blocks = labels.map(
    (label, n) =>
      `PARTITION=/dev/vda${n + 2}\nPART_ENTRY_NAME=${label}\nPART_ENTRY_TYPE=4f68bce3-e8cd-4db1-96e7-fbcaf984b709\nPART_ENTRY_SIZE=8\n`,
  );
  return `${blocks.join("")}RUNNING=${running}\n`;
}

interface Guest {
  readonly versions?: readonly string[];
  readonly labels?: readonly string[];
  readonly entries?: readonly string[];
  readonly available?: string;
  readonly menu?: string;
  readonly os?: string;
}

/** Answers of a guest, by what is asked; the shapes are those a real one gave. */
function guest({
  versions = ["1", "2", "10"],
  labels = ["osb_1", "_empty"],
  entries = ["osb_1.efi"],
  available = "NEW=\n",
  menu = "[]",
  os = "sysupdate",
}: Guest): Machine {
  const answers: readonly [RegExp, string][] = [
    [/sysupdate\.d/, transfers],
    [/blkid/, partitions(labels, "/dev/vda2")],
    [/check-new/, available],
    [/ls -1/, `${entries.join("\n")}\n`],
    [/os-release/, "VERSION_ID=1\n"],
    [/bootctl list/, menu],
  ];
  const manifest = imageManifest.parse({
    image: "osb",
    title: "t",
    os,
    architectures: ["x86_64"],
    updates: { address: "http://10.0.2.100/" },
    versions: versions.map((version) => ({ version })),
  });
  return {
    image: { manifest, name: "osb", folder: "/", digest: "", architecture: "x86_64" },
    run: async (command: string) => {
      const stdout = answers.find(([pattern]) => pattern.test(command))?.[1];
      return {
        command,
        code: stdout === undefined ? 127 : 0,
        stdout: stdout ?? "",
        stderr: "",
        stdoutBytes: new Uint8Array(),
        durationMs: 1,
      };
    },
  } as unknown as Machine;
}

test("a version is installed only with both its slot and its entry", async () => {
  expect(await adapterFor(guest({ labels: ["osb_1", "osb_2"], entries: ["osb_1.efi", "osb_2+3-0.efi"] })).installed()).toEqual(["1", "2"]);
  expect(await adapterFor(guest({ labels: ["osb_1", "osb_2"] })).installed()).toEqual(["1"]);
  expect(await adapterFor(guest({ entries: ["osb_1.efi", "osb_2+3-0.efi"] })).installed()).toEqual(["1"]);
});

test("what is staged is the newest by the image's own order, and nothing when that runs", async () => {
  expect(await adapterFor(guest({ labels: ["osb_1", "osb_10"], entries: ["osb_1.efi", "osb_10+3-0.efi"] })).staged()).toBe("10");
  expect(await adapterFor(guest({})).staged()).toBeUndefined();
});

test("an updater that cannot reach its source offers nothing only by accident, which is an error", async () => {
  expect(await adapterFor(guest({ available: "NEW=2\n" })).available()).toBe("2");
  expect(await adapterFor(guest({ available: 'NEW=\n{"current":"1","all":["1"],"appstreamUrls":[]}\n' })).available()).toBeUndefined();
  await expect(adapterFor(guest({ available: "NEW=\n" })).available()).rejects.toMatchObject({ code: "OSB_OS_AVAILABLE" });
});

test("the default entry is named without its counter", async () => {
  const menu = '[{"type":"type2","id":"osb_2+3-0.efi","isDefault":true},{"type":"type2","id":"osb_1.efi","isDefault":false}]';
  expect(await adapterFor(guest({ menu })).defaultEntry()).toBe("osb_2.efi");
  expect(await adapterFor(guest({})).defaultEntry()).toBeUndefined();
});

test("going back to a version without an entry is the image's failure", async () => {
  await expect(adapterFor(guest({})).rollback("2")).rejects.toBeInstanceOf(ClaimFailed);
});

test("an unknown family is the manifest's mistake, a family without updater says not applicable", async () => {
  expect(() => adapterFor(guest({ os: "sysupdat" }))).toThrow(/Known are none, sysupdate/);
  await expect(adapterFor(guest({ os: "none" })).staged()).rejects.toMatchObject({ fault: "not-applicable", capability: "updates" });
});

test("capabilities follow from the manifest, each with its reason", () => {
  const { image } = guest({ versions: ["1"] });
  const pairing = { image, target: { lacks: {}, declares: [] as string[] } as unknown as Machine["target"] };
  expect(imageCapability(pairing, "updates")).toMatchObject({ present: false, reason: "osb has no later good version to update to" });
  expect(imageCapability(pairing, "sysext")).toMatchObject({ present: false });
  expect(imageCapability({ ...pairing, image: guest({}).image }, "updates")).toMatchObject({ present: true });
  expect(imageCapability(pairing, "constructor")).toBeUndefined();
});

test("an updater that needs a boot loader is not applicable where the target cannot have one", () => {
  const manifest = imageManifest.parse({
    image: "osb",
    title: "t",
    os: "sysupdate",
    architectures: ["x86_64"],
    updates: { address: "http://10.0.2.100/" },
    versions: [{ version: "1" }, { version: "2" }],
  });
  const image = { manifest, name: "osb" } as Machine["image"];
  const target = {
    lacks: { "boot-loader": "it starts its init without one", tpm2: "it has no TPM" },
    declares: [],
  } as unknown as Machine["target"];
  expect(imageCapability({ image, target }, "updates")).toEqual({
    name: "updates",
    present: false,
    reason: "sysupdate needs a boot-loader, and it starts its init without one",
  });
  expect(imageCapability({ image, target }, "tpm2")).toMatchObject({ present: false, reason: "it has no TPM" });
  expect(imageCapability({ image, target: { ...target, lacks: {} } }, "updates")?.present).toBe(true);
});
