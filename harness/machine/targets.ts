import { containerTargets, loadContainerTarget } from "../container/target.ts";
import { InputError } from "../model/errors.ts";
import { lineage, namedFile, type BuiltIn, type Heir } from "../model/lineage.ts";
import { suggest } from "../model/nearest.ts";
import type { TargetManifest } from "../model/target.ts";
import { loadMachineTarget, machineTargets } from "../qemu/target.ts";

/** How targets of a kind are read, and which are built in. */
interface TargetKind {
  readonly kind: TargetManifest["kind"];
  readonly builtIn: BuiltIn;
  load(line: readonly Heir[]): Promise<TargetManifest>;
}

async function targetKinds(): Promise<readonly [TargetKind, ...TargetKind[]]> {
  return [
    { kind: "qemu", builtIn: await machineTargets(), load: loadMachineTarget },
    { kind: "container", builtIn: await containerTargets(), load: loadContainerTarget },
  ];
}

/** Names of the built-in targets of every kind, sorted. */
export async function targetNames(): Promise<string[]> {
  return ofEveryKind(await targetKinds()).names.toSorted();
}

/** Finds a target of any kind by built-in name or by the path of a user's own YAML file. Throws InputError naming the known ones, or what is wrong in the file and where. */
export async function findTarget(nameOrFile: string): Promise<TargetManifest> {
  const kinds = await targetKinds();
  const builtIn = ofEveryKind(kinds);
  const file = namedFile(nameOrFile, builtIn, ".");
  if (file !== undefined) {
    const line = await lineage(file, builtIn);
    return await kindOf(line, kinds).load(line);
  }
  const remedy = `${suggest(nameOrFile, builtIn.names)} (a path that ends in .yaml names a target of your own)`;
  throw new InputError([{ at: { flag: "--target" }, what: `unknown target "${nameOrFile}"`, remedy }]);
}

function ofEveryKind(kinds: readonly TargetKind[]): BuiltIn {
  const has = (name: string) => kinds.find(({ builtIn }) => builtIn.names.includes(name)) as TargetKind;
  return { names: kinds.flatMap(({ builtIn }) => builtIn.names), fileOf: (name) => has(name).builtIn.fileOf(name) };
}

/** The kind that the last of a line has, by its own word or by what it extends. A word that names no kind is for the first to complain of. */
function kindOf(line: readonly Heir[], kinds: readonly [TargetKind, ...TargetKind[]]): TargetKind {
  const named = ({ value }: Heir) => kinds.find(({ kind }) => kind === value["kind"]);
  const top = named(line.at(-1) as Heir) ?? kinds[0];
  const stranger = line.find((heir) => heir.value["kind"] !== undefined && named(heir) !== top);
  if (stranger === undefined || named(stranger) === undefined) return top;
  const what = `what it extends is a target of kind "${top.kind}"`;
  throw new InputError([stranger.problem(["kind"], what, "Leave `kind` out, or extend one of its own kind.")]);
}
