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
  return settledRecord(upgrade(document, recordSteps));
}

/** The same for run.json. */
export function upgradeRun(document: unknown): unknown {
  return settledRun(upgrade(document, runSteps));
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

/** The second version was first written with what was asked of each machine beside that machine. */
function settledRecord(document: unknown): unknown {
  if (!isObject(document) || !Array.isArray(document["machines"])) return document;
  const machines = document["machines"] as readonly unknown[];
  const asked = machines.flatMap((machine) => (isObject(machine) && Array.isArray(machine["capabilities"]) ? machine["capabilities"] : []));
  if (!machines.some((machine) => isObject(machine) && "capabilities" in machine)) return document;
  const without = machines.map((machine) => (isObject(machine) ? omit(machine, ["capabilities"]) : machine));
  return { ...document, machines: without, ...(asked.length > 0 && { capabilities: asked }) };
}

/** And with what describes a target spread among what was found of it, and all command lines in run.json. */
function settledRun(document: unknown): unknown {
  if (!isObject(document) || !("commandLines" in document)) return document;
  const environments = Array.isArray(document["environments"]) ? (document["environments"] as readonly unknown[]) : [];
  return { ...omit(document, ["commandLines"]), environments: environments.map(settledEnvironment) };
}

const described = ["arch", "machine", "cpu", "cores", "memoryMiB", "tpm"];

function settledEnvironment(environment: unknown): unknown {
  if (!isObject(environment) || "description" in environment) return environment;
  const { firmware } = environment;
  const description = Object.fromEntries(described.flatMap((key) => (key in environment ? [[key, environment[key]]] : [])));
  const found = isObject(firmware) && { firmware: { file: "", ...omit(firmware, ["features"]) } };
  return { ...omit(environment, described), ...found, description };
}

function omit(object: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** What a machine is by its accelerator, as QEMU has them; what has none of its own is a container. */
export function kindOf(accelerator: unknown): TargetKind {
  if (accelerator === "native") return "container";
  return accelerator === "tcg" ? "emulated" : accelerator === "kvm" ? "virtualised" : "unknown";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
