import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";
import { toolFile } from "../../host/tools.ts";
import { targetFirmware, type MachineFirmware } from "../firmware.ts";
import type { HardwareRequest } from "../open.ts";
import { loadArchitecture, type QemuArchitecture } from "../target.ts";

const ownFolder = join(import.meta.dirname, "..");

/**
 * All that decides what a machine of this request will be, as plain data: what was asked for, the tools and firmware it is made with, the code that
 * makes the command line of it, and under KVM the processor. Two requests with the same answer make machines that differ in nothing but
 * what is drawn by lot for each (ids, addresses, keys).
 */
export async function qemuIdentity(request: Omit<HardwareRequest, "name" | "evidenceFolder" | "storage">): Promise<unknown> {
  const { tools, certificates, disks } = request;
  const { arch, firmware, code } = await known(request);
  const programs = [arch.binary, "swtpm"].map((name) => join("/usr/bin", name));
  const files = [...programs, firmware.code, ...(firmware.vars === undefined ? [] : [firmware.vars])].map((file) => toolFile(tools, file));
  return {
    ...request,
    arch,
    firmware: { ...firmware, descriptor: undefined },
    files: await Promise.all([...files, ...certificates, ...disks.map(({ file }) => file)].map(stamp)),
    code,
    processor: request.accelerator === "kvm" ? { kernel: release(), cpu: await processorOfHost() } : undefined,
  };
}

type Known = { arch: QemuArchitecture; firmware: MachineFirmware; code: string };
const asked = new Map<string, Promise<Known>>();

/** What is found by reading and hashing files stays as it was for as long as this process lives: whether a file has changed is asked each time. */
function known({ tools, target }: Pick<HardwareRequest, "tools" | "target">): Promise<Known> {
  const key = JSON.stringify([tools, target]);
  const before = asked.get(key);
  if (before) return before;
  const find = async () => {
    const [arch, firmware, code] = await Promise.all([loadArchitecture(target.arch), targetFirmware(tools, target), codeDigest()]);
    return { arch, firmware, code };
  };
  const finding = find();
  asked.set(key, finding);
  finding.catch(() => asked.delete(key));
  return finding;
}

/** A file that is replaced has another time or size; to read all of QEMU for each test would take longer than the fork. */
async function stamp(file: string): Promise<readonly [string, number, number]> {
  const { size, mtimeMs } = await stat(file).catch(() => ({ size: -1, mtimeMs: -1 }));
  return [file, size, mtimeMs];
}

/** Of this room's code: it decides the command line. */
async function codeDigest(): Promise<string> {
  const names = (await readdir(ownFolder, { recursive: true })).filter((name) => /(?<!\.test)\.(?:ts|yaml)$/.test(name)).sort();
  const hash = createHash("sha256");
  for (const text of await Promise.all(names.map((name) => readFile(join(ownFolder, name))))) hash.update(text);
  return hash.digest("hex");
}

async function processorOfHost(): Promise<string[]> {
  const lines = (await readFile("/proc/cpuinfo", "utf8")).split("\n");
  return [...new Set(lines.filter((line) => /^(?:vendor_id|model name|flags|Features|microcode|isa)\s*:/.test(line)))];
}
