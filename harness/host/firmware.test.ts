import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { ToolsPlace } from "../model/context.ts";
import { HarnessError } from "../model/errors.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { findFirmware, listFirmware } from "./firmware.ts";

interface Draft {
  readonly description: string;
  readonly arch?: string;
  readonly machines?: string[];
  readonly features?: string[];
  readonly code?: string;
  readonly device?: string;
}

function descriptor({
  description,
  arch = "x86_64",
  machines = ["pc-q35-*"],
  features = [],
  code = "/fw/CODE",
  device = "flash",
}: Draft): string {
  return JSON.stringify({
    description,
    "interface-types": ["uefi"],
    mapping: { device, executable: { filename: code, format: "raw" }, "nvram-template": { filename: "/fw/VARS", format: "raw" } },
    targets: [{ architecture: arch, machines }],
    features,
    tags: [],
  });
}

/** A tree of tools that holds these files, and a QEMU that has said which machines it knows. */
async function treeWith(files: Record<string, string>): Promise<ToolsPlace> {
  const folder = temporaryFolder();
  const root = join(folder, "root");
  const known = { "/fw/CODE": "code", "/fw/VARS": "vars", ...files };
  for (const [path, text] of Object.entries(known)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  await mkdir(`${root}.facts`);
  await writeFile(join(`${root}.facts`, "machines-x86_64.json"), JSON.stringify([{ name: "q35", alias: "pc-q35-10.0" }]));
  return { kind: "toolbox", root, digest: "test" };
}

const need = { arch: "x86_64", machine: "q35", features: [], without: [] } as const;

test("takes the first by file name that fits, matching the machine through its alias", async () => {
  const tools = await treeWith({
    "/usr/share/qemu/firmware/40-arm.json": descriptor({ description: "arm", arch: "aarch64" }),
    "/usr/share/qemu/firmware/45-isa.json": descriptor({ description: "isa", machines: ["pc-i440fx-*"] }),
    "/usr/share/qemu/firmware/50-secure.json": descriptor({ description: "secure", features: ["secure-boot", "requires-smm"] }),
    "/usr/share/qemu/firmware/60-plain.json": descriptor({ description: "plain" }),
  });
  expect(await findFirmware(tools, need)).toMatchObject({ description: "secure", code: "/fw/CODE", vars: "/fw/VARS" });
  expect(await findFirmware(tools, { ...need, without: ["secure-boot"] })).toMatchObject({ description: "plain" });
  expect(await findFirmware(tools, { ...need, features: ["secure-boot"] })).toMatchObject({
    description: "secure",
    // sha256 of "code"
    digest: "5694d08a2e53ffcae0c3103e5ad6f6076abd960eb1f8a56577040bc1028f702b",
  });
});

test("a descriptor in /etc replaces the one of the same name, an empty one hides it", async () => {
  const tools = await treeWith({
    "/usr/share/qemu/firmware/50-a.json": descriptor({ description: "shipped a" }),
    "/usr/share/qemu/firmware/60-b.json": descriptor({ description: "shipped b" }),
    "/etc/qemu/firmware/50-a.json": "",
    "/etc/qemu/firmware/60-b.json": descriptor({ description: "local b" }),
  });
  expect((await listFirmware(tools)).map((one) => one.description)).toEqual(["local b"]);
});

test("says of every firmware why it does not fit", async () => {
  const tools = await treeWith({
    "/usr/share/qemu/firmware/10-broken.json": "{",
    "/usr/share/qemu/firmware/20-gone.json": descriptor({ description: "gone", code: "/fw/NONE" }),
    "/usr/share/qemu/firmware/30-memory.json": descriptor({ description: "memory", device: "memory" }),
    "/usr/share/qemu/firmware/40-arm.json": descriptor({ description: "arm", arch: "aarch64" }),
    "/usr/share/qemu/firmware/50-isa.json": descriptor({ description: "isa", machines: ["pc-i440fx-*"] }),
    "/usr/share/qemu/firmware/60-plain.json": descriptor({ description: "plain" }),
    "/usr/share/qemu/firmware/70-smm.json": descriptor({ description: "smm", features: ["tdx", "requires-smm"] }),
  });
  const error = await findFirmware(tools, { ...need, features: ["tdx"], without: ["requires-smm"] }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(HarnessError);
  expect((error as HarnessError).message).toBe("no UEFI firmware for x86_64 q35 with tdx, no requires-smm");
  const lines = (error as HarnessError).evidence["firmware found"]?.split("\n") ?? [];
  expect(lines.filter((line) => line.startsWith("/usr")).map((line) => line.replace(/^\/usr\/share\/qemu\/firmware\/\d\d-/, ""))).toEqual([
    expect.stringContaining("broken.json: not a descriptor"),
    "gone.json: /fw/NONE does not exist (gone)",
    "memory.json: mapped as memory, not as flash (memory)",
    "arm.json: for aarch64 (arm)",
    "isa.json: for machines pc-i440fx-* (isa)",
    "plain.json: lacks tdx (plain)",
    "smm.json: has requires-smm (smm)",
  ]);
});
