import { accessSync, constants } from "node:fs";
import { copyFile, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { QemuAccelerator, ToolsPlace } from "../model/context.ts";
import { HarnessError } from "../model/errors.ts";
import type { Architecture } from "../model/target.ts";
import { cacheFolder, remember } from "./cache.ts";
import { findFirmware, listFirmware, type Firmware } from "./firmware.ts";
import { hostArchitecture } from "./hardware.ts";
import { machineFor, qemuBinary } from "./machines.ts";
import { spawnTool, toolFile } from "./tools.ts";
import { toolboxRecipe, toolVersions } from "./toolbox.ts";
import { makeWorkspace } from "./workspace.ts";

export interface AcceleratorProof {
  readonly accelerator: QemuAccelerator;
  /** What was tried and seen. */
  readonly reason: string;
}

export interface ProofOptions {
  readonly signal?: AbortSignal;
  /** Prove anew, whatever is remembered. */
  readonly anew?: boolean;
}

/** How each accelerator is tried, fastest first. KVM shows its fault within the first instructions; TCG needs some seconds to the firmware's first words. */
const trials: Readonly<Record<QemuAccelerator, { cpu: string; timeoutMs: number }>> = {
  kvm: { cpu: "host", timeoutMs: 20_000 },
  tcg: { cpu: "max", timeoutMs: 90_000 },
};

/**
 * Finds the fastest accelerator that really runs a guest of this architecture, by starting its firmware and waiting for the first byte on its
 * serial line: opening /dev/kvm and creating a VM succeed on hosts where no guest instruction does. Remembered until the host reboots, QEMU
 * changes or /dev/kvm becomes (in)accessible. Throws HarnessError `OSB_ACCELERATOR` if not even TCG runs it.
 */
export async function proveAccelerator(tools: ToolsPlace, arch: Architecture, options: ProofOptions = {}): Promise<AcceleratorProof> {
  const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  const version = (await toolVersions(tools))[qemuBinary(arch)];
  if (version === undefined) {
    const bringer = (await toolboxRecipe()).programs[qemuBinary(arch)]?.package;
    const hint = tools.kind === "host" ? `Install ${bringer ?? "it"}, or leave out --tools host` : "See `osbench doctor`";
    throw new HarnessError("OSB_ACCELERATOR", `no ${arch} machine can run here: ${qemuBinary(arch)} is not among the ${tools.kind} tools`, {
      hint,
    });
  }
  const key = [boot, tools.kind, version, arch, kvmObstacle(arch) === undefined ? "kvm" : "no-kvm"].join("_").replace(/[^\w.-]+/g, "-");
  const shelf = join(cacheFolder(), "accelerators");
  const file = join(shelf, `${key}.json`);
  if (options.anew) await rm(file, { force: true });
  return remember(file, async () => {
    const outdated = (await readdir(shelf).catch(() => [])).filter((name) => !name.startsWith(boot));
    await Promise.all(outdated.map((name) => rm(join(shelf, name), { force: true })));
    return prove(tools, arch, options.signal);
  });
}

/** Why KVM cannot even be tried for this architecture; undefined if it can. */
function kvmObstacle(arch: Architecture): string | undefined {
  const host = hostArchitecture();
  if (host !== arch) return `KVM runs only ${host ?? process.arch} guests here`;
  try {
    accessSync("/dev/kvm", constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT"
      ? "no /dev/kvm"
      : "/dev/kvm exists, but this user may not open it (group kvm)";
  }
}

async function prove(tools: ToolsPlace, arch: Architecture, signal: AbortSignal | undefined): Promise<AcceleratorProof> {
  const usable = (await listFirmware(tools)).filter((one) => !one.unusable);
  const patterns = usable
    .flatMap((one) => one.targets.filter((target) => target.architecture === arch))
    .flatMap((target) => target.machines);
  const machine = await machineFor(tools, arch, patterns);
  const firmware = await findFirmware(tools, { arch, ...(machine && { machine }), features: [], without: ["requires-smm"] });
  const obstacle = kvmObstacle(arch);
  const seen: string[] = obstacle === undefined ? [] : [obstacle];
  for (const accelerator of obstacle === undefined ? (["kvm", "tcg"] as const) : (["tcg"] as const)) {
    const trial = await tryFirmware(tools, arch, machine ?? "none", firmware, accelerator, signal);
    seen.push(`${accelerator}: ${trial.seen}`);
    if (trial.runs) return { accelerator, reason: seen.join("; ") };
  }
  throw new HarnessError("OSB_ACCELERATOR", `no accelerator runs a ${arch} guest here: ${seen.join("; ")}`, {
    hint: "Run `osbench doctor`; if only TCG was slow, the host is overloaded",
  });
}

/** Starts the firmware alone, without disks, and waits for what it says first. */
async function tryFirmware(
  tools: ToolsPlace,
  arch: Architecture,
  machine: string,
  firmware: Firmware,
  accelerator: QemuAccelerator,
  signal: AbortSignal | undefined,
): Promise<{ runs: boolean; seen: string }> {
  signal?.throwIfAborted();
  const { cpu, timeoutMs } = trials[accelerator];
  const folder = await makeWorkspace("probe");
  const started = performance.now();
  const vars = firmware.vars && join(folder, "vars");
  if (vars) await copyFile(toolFile(tools, firmware.vars as string), vars);
  const flash = [
    ["-blockdev", `driver=file,node-name=flash0,read-only=on,filename=${firmware.code}`],
    ...(vars ? [["-blockdev", `driver=file,node-name=flash1,filename=${vars}`]] : []),
  ].flat();
  const machineOptions = [machine, `accel=${accelerator}`, "pflash0=flash0", ...(vars ? ["pflash1=flash1"] : [])].join(",");
  const argv = [qemuBinary(arch), "-nodefaults", "-no-user-config", "-display", "none", "-m", "512", "-cpu", cpu];
  const qemu = spawnTool(tools, [...argv, "-machine", machineOptions, ...flash, "-serial", "stdio"], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    encoding: "buffer",
  });
  try {
    return await new Promise((resolve, reject) => {
      let errors = "";
      const said = () => errors.trim().split("\n")[0]?.slice(0, 300) ?? "";
      const seconds = () => ((performance.now() - started) / 1000).toFixed(1);
      const timer = setTimeout(
        () => resolve({ runs: false, seen: `firmware said nothing within ${timeoutMs / 1000} s ${said()}`.trim() }),
        timeoutMs,
      );
      signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      qemu.stdout.once("data", () => resolve({ runs: true, seen: `firmware spoke after ${seconds()} s` }));
      qemu.stderr.on("data", (chunk: Buffer) => {
        errors += chunk.toString();
        // QEMU does not exit then: the guest stays stopped for ever in state internal-error.
        if (/KVM internal error|emulation failure/.test(errors)) resolve({ runs: false, seen: `${said()} after ${seconds()} s` });
      });
      void qemu.then((result) => {
        clearTimeout(timer);
        resolve({
          runs: false,
          seen: `QEMU ${result.signal ? `was killed by ${result.signal}` : `ended with exit code ${result.exitCode}`} after ${seconds()} s: ${said()}`,
        });
      });
    });
  } finally {
    qemu.kill("SIGKILL");
    await qemu;
    await rm(folder, { recursive: true, force: true });
  }
}
