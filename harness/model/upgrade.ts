import { recordSchemaVersion, type TargetKind } from "./record.ts";

/** What a document of an earlier schema lacks, by the version it has: each step makes the next version's shape. */
type Step = (document: Readonly<Record<string, unknown>>) => Record<string, unknown>;

const recordSteps: Readonly<Record<number, Step>> = { 1: recordFrom1 };
const runSteps: Readonly<Record<number, Step>> = { 1: (run) => run };

/** Versions that can be read, oldest first. */
export const readableVersions: readonly number[] = Array.from({ length: recordSchemaVersion }, (_, index) => index + 1);

/** Says whether a document has a version nobody here knows: the version it names. Undefined for one that can be read, or that names none. */
export function unknownVersion(document: unknown): unknown {
  const schema = isObject(document) ? document["schema"] : undefined;
  return schema === undefined || readableVersions.some((version) => version === schema) ? undefined : schema;
}

/** A line of records.jsonl in the present shape; anything else is returned as it is, for the schema to refuse. */
export function upgradeRecord(document: unknown): unknown {
  return upgrade(document, recordSteps);
}

/** The same for run.json. */
export function upgradeRun(document: unknown): unknown {
  return upgrade(document, runSteps);
}

function upgrade(document: unknown, steps: Readonly<Record<number, Step>>): unknown {
  let current = document;
  for (const version of readableVersions.slice(0, -1)) {
    if (isObject(current) && current["schema"] === version) current = { ...steps[version]!(current), schema: version + 1 };
  }
  return current;
}

function recordFrom1(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { target, machines } = record;
  return {
    ...record,
    ...(isObject(target) && { target: { ...target, kind: kindOf(target["accelerator"]) } }),
    ...(Array.isArray(machines) && { machines: machines.map(machineFrom1) }),
  };
}

function machineFrom1(machine: unknown): unknown {
  if (!isObject(machine) || !("from" in machine)) return machine;
  const { from, ...rest } = machine;
  return { start: { kind: from === "boot" ? "booted" : from === "moment" ? "forked" : from }, ...rest };
}

/** What a machine is by its accelerator, as QEMU has them; what has none of its own is a container. */
export function kindOf(accelerator: unknown): TargetKind {
  if (accelerator === "native") return "container";
  return accelerator === "tcg" ? "emulated" : accelerator === "kvm" ? "virtualised" : "unknown";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
