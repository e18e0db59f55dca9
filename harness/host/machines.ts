import { join } from "node:path";
import type { ToolsPlace } from "../model/context.ts";
import type { Architecture } from "../model/target.ts";
import { remember } from "./cache.ts";
import { runTool } from "./tools.ts";

/** One line of `qemu-system-ARCH -machine help`. */
export interface MachineType {
  readonly name: string;
  readonly alias: string | undefined;
}

/** The QEMU program of an architecture: QEMU names them after it. */
export function qemuBinary(arch: Architecture): string {
  return `qemu-system-${arch}`;
}

/** Machine types QEMU knows for an architecture. Kept beside the toolbox; asked each time of the host's own QEMU. */
export async function machineTypes(tools: ToolsPlace, arch: Architecture): Promise<MachineType[]> {
  const ask = async () => parseMachineHelp((await runTool(tools, [qemuBinary(arch), "-machine", "help"])).stdout);
  return tools.kind === "host" ? ask() : remember(join(`${tools.root}.facts`, `machines-${arch}.json`), ask);
}

export function parseMachineHelp(help: string): MachineType[] {
  return help
    .split("\n")
    .slice(1)
    .map((line) => /^(\S+)(?:.*\(alias of (\S+)\))?/.exec(line))
    .filter((match) => match !== null)
    .map((match) => ({ name: match[1] as string, alias: match[2] }));
}

/** Every name of a machine type: its own and what it is an alias of (`q35` is `pc-q35-10.0`, which firmware descriptors match). */
export async function machineNames(tools: ToolsPlace, arch: Architecture, machine: string): Promise<string[]> {
  const found = (await machineTypes(tools, arch)).find((type) => type.name === machine);
  return [machine, ...(found?.alias ? [found.alias] : [])];
}

/** The short name of the newest machine type that matches one of the patterns of a firmware descriptor. */
export async function machineFor(tools: ToolsPlace, arch: Architecture, patterns: readonly string[]): Promise<string | undefined> {
  return newestMachine(await machineTypes(tools, arch), patterns);
}

/** Of QEMU's own list, newest first, the short name of the first type that matches; some types have but one name (`virt` of riscv64). */
export function newestMachine(types: readonly MachineType[], patterns: readonly string[]): string | undefined {
  const fits = (name: string) => patterns.some((pattern) => matchesPattern(name, pattern));
  return (types.find(({ alias }) => alias !== undefined && fits(alias)) ?? types.find(({ name }) => fits(name)))?.name;
}

/** Says whether a machine name fits a descriptor's pattern, in which `*` stands for anything (QEMU's docs/interop/firmware.json, FirmwareTarget). */
export function matchesPattern(name: string, pattern: string): boolean {
  const source = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${source.join(".*")}$`).test(name);
}
