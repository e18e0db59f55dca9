import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ToolsPlace } from "../model/context.ts";
import { HarnessError } from "../model/errors.ts";
import type { Architecture } from "../model/target.ts";
import { parseHandler, withEmulation } from "./emulation.ts";
import { hostArchitecture } from "./hardware.ts";

const foreign: Architecture = hostArchitecture() === "riscv64" ? "aarch64" : "riscv64";
const magic = String.raw`\x7f\x45\x4c\x46\x02`;
const conf = `:qemu-x:M::${magic}:${String.raw`\xff\xff\xff\xff\xff`}:/usr/libexec/x-binfmt-P:OP\n`;

const [major = 0, minor = 0] = release().split(".").map(Number);
/** Whether a user namespace has a registry of its own. */
const hasOwnRegistry = major > 6 || (major === 6 && minor >= 7);

let folder = "";
let tools: ToolsPlace;
let registry = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "osbench-emulation-"));
  tools = { kind: "toolbox", root: join(folder, "root"), digest: "x" };
  registry = join(folder, "registry");
  await mkdir(join(tools.root, "usr/share/qemu/binfmt.d"), { recursive: true });
  await mkdir(registry);
  await writeFile(join(tools.root, `usr/share/qemu/binfmt.d/qemu-${foreign}.conf`), conf);
  await writeFile(join(registry, "register"), "");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const registered = () => readFile(join(registry, "register"), "utf8");

test("reads what QEMU says of its handler, and has the kernel keep the emulator open", () => {
  expect(parseHandler(conf)).toEqual({
    magic,
    mask: String.raw`\xff\xff\xff\xff\xff`,
    interpreter: "/usr/libexec/x-binfmt-P",
    flags: "OPF",
  });
  expect(parseHandler("# nothing")).toBeUndefined();
});

test("registers the tools' emulator for the time of the work, and takes it away again, also after a failure", async () => {
  const own = join(registry, `osbench-${foreign}`);
  const failing = withEmulation(tools, foreign, { registry }, async () => {
    expect(await registered()).toBe(
      `:osbench-${foreign}:M::${magic}:${String.raw`\xff\xff\xff\xff\xff`}:${tools.root}/usr/libexec/x-binfmt-P:OPF`,
    );
    // The kernel shows a handler as a file.
    await writeFile(own, "enabled\n");
    throw new Error("the build failed");
  });
  await expect(failing).rejects.toThrow("the build failed");
  expect(await readFile(own, "utf8")).toBe("-1");
});

test("uses a handler that somebody else has registered, and leaves it alone", async () => {
  const other = join(registry, "qemu-x");
  const text = "enabled\ninterpreter /x\nflags: POCF\noffset 0\nmagic 7f454c4602\nmask ffffffffff\n";
  await writeFile(other, text);
  expect(await withEmulation(tools, foreign, { registry }, async () => "done")).toBe("done");
  expect([await registered(), await readFile(other, "utf8")]).toEqual(["", text]);
});

test.each([
  ["is switched off", "disabled\nflags: POCF\nmagic 7f454c4602\n"],
  ["is not found from inside the image", "enabled\nflags: POC\nmagic 7f454c4602\n"],
  ["is for other programs", "enabled\nflags: POCF\nmagic 7f454c4601\n"],
])("does not rely on a handler that %s", async (_what, text) => {
  await writeFile(join(registry, "qemu-x"), text);
  await withEmulation(tools, foreign, { registry }, async () => {});
  expect(await registered()).toContain(`:osbench-${foreign}:`);
});

test("programs of the host's own architecture need nothing", async () => {
  const host = hostArchitecture();
  if (host) expect(await withEmulation(tools, host, { registry }, async () => "done")).toBe("done");
  expect(await registered()).toBe("");
});

test("says what it takes where it may not register anything, and does not begin", async () => {
  await rm(join(registry, "register"));
  await mkdir(join(registry, "register"));
  const begun = join(folder, "begun");
  const error: unknown = await withEmulation(tools, foreign, { registry }, () => writeFile(begun, "")).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(HarnessError);
  expect((error as HarnessError).message).toContain(
    `this build runs ${foreign} programs, and the host cannot: a handler cannot be registered`,
  );
  expect((error as HarnessError).hint).toContain("as root");
  expect(existsSync(begun)).toBe(false);
});

test.skipIf(!hasOwnRegistry)(
  "with the kernel's own registry, whoever ends first leaves the other's handler in force, and the last one unmounts",
  async () => {
    for (const [arch, byte] of [
      ["aarch64", "b7"],
      ["riscv64", "f3"],
    ]) {
      const known = String.raw`:qemu-${arch}:M::\x7f\x45\x4c\x46\x${byte}:\xff\xff\xff\xff\xff:/interpreter:OP`;
      await writeFile(join(tools.root, `usr/share/qemu/binfmt.d/qemu-${arch}.conf`), `${known}\n`);
    }
    await writeFile(join(tools.root, "interpreter"), "#!/bin/true\n", { mode: 0o755 });
    // A network namespace has locks of its own: no build of this host is waited for.
    const script = join(import.meta.dirname, "testdata/two-emulations.ts");
    // What this host has mounted there is covered first: its handlers are seen from in there, too.
    const inside = 'mount -t tmpfs none /proc/sys/fs/binfmt_misc && exec "$@"';
    const argv = ["-Umnr", "sh", "-c", inside, "sh", process.execPath, script, tools.root];
    const { stdout } = await promisify(execFile)("unshare", argv);
    expect(stdout.trim().split("\n")).toEqual([
      "both at work: osbench-aarch64 osbench-riscv64",
      "aarch64 has ended: osbench-riscv64",
      "both have ended: not mounted",
    ]);
  },
);
