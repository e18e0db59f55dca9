import { z } from "zod";
import { phases } from "./phase.ts";

export const outcomes = ["pass", "fail", "error", "not-applicable", "not-run"] as const;
export type Outcome = (typeof outcomes)[number];

export const recordSchemaVersion = 1;

/** Whose fault a console line or a hang is. */
export const culprits = ["image", "firmware", "emulator", "host", "harness"] as const;
export type Culprit = (typeof culprits)[number];

/** What was recognised as the cause: the signature of a console line, or a kind of hang. */
const diagnosis = z.strictObject({ id: z.string(), fault: z.enum(culprits), phase: z.enum(phases), means: z.string() });

const failure = z.strictObject({
  message: z.string(),
  code: z.string().optional(),
  diagnosis: diagnosis.optional(),
  /** file:line:column of the step or assertion that failed. */
  at: z.string().optional(),
  hint: z.string().optional(),
  /** Titles and texts: command, output, last screen. */
  details: z.record(z.string(), z.string()).default({}),
});

const evidence = z.strictObject({
  name: z.string(),
  path: z.string().describe("relative to the run directory"),
  sha256: z.string(),
  bytes: z.number().int(),
});

/** What one machine did while a cell ran. Times in milliseconds. */
const machineUse = z.strictObject({
  from: z.enum(["boot", "moment"]),
  accelerator: z.string(),
  argvDigest: z.string().optional(),
  boots: z.array(
    z.strictObject({
      number: z.number(),
      id: z.string().optional(),
      totalMs: z.number(),
      durations: z.record(z.string(), z.number()),
      signs: z
        .array(z.strictObject({ id: z.string(), fault: z.enum(culprits), phase: z.enum(phases), line: z.string() }))
        .optional()
        .describe("what its console was recognised to say, in order"),
    }),
  ),
});

/** One cell: image x target x test. One JSON object a line in records.jsonl. */
export const record = z.strictObject({
  schema: z.literal(recordSchemaVersion),
  run: z.string(),
  image: z.strictObject({ name: z.string(), version: z.string(), digest: z.string(), form: z.string() }),
  target: z.strictObject({
    name: z.string(),
    arch: z.string(),
    machine: z.string(),
    accelerator: z.string(),
    firmware: z.string().optional(),
    tpm: z.string().optional(),
  }),
  suite: z.strictObject({ name: z.string(), digest: z.string(), file: z.string() }),
  test: z.string(),
  outcome: z.enum(outcomes),
  /** Why, for not-applicable (capability and how it was found) and not-run. */
  reason: z.string().optional(),
  failure: failure.optional(),
  started: z.string().describe("ISO 8601, UTC"),
  durationMs: z.number(),
  attempts: z.number().int().min(1).default(1),
  machines: z.array(machineUse).default([]),
  evidence: z.array(evidence).default([]),
});

export type CellRecord = z.infer<typeof record>;
export type Diagnosis = z.infer<typeof diagnosis>;
export type Failure = z.infer<typeof failure>;
export type Evidence = z.infer<typeof evidence>;
export type MachineUse = z.infer<typeof machineUse>;

/** run.json: where, with what and how a run was made. */
export const runProvenance = z.strictObject({
  schema: z.literal(recordSchemaVersion),
  run: z.string(),
  started: z.string(),
  finished: z.string().optional(),
  osbench: z.strictObject({ version: z.string(), revision: z.string().optional() }),
  command: z.array(z.string()),
  host: z.strictObject({
    os: z.string(),
    kernel: z.string(),
    cores: z.number(),
    memoryMiB: z.number(),
    accelerators: z.record(z.string(), z.string()),
  }),
  tools: z.record(z.string(), z.string()).describe("tool name to version"),
  toolbox: z.string().optional().describe("digest of the toolbox recipe, absent with --tools host"),
  images: z.array(z.strictObject({ name: z.string(), digest: z.string(), version: z.string() })),
  targets: z.array(z.string()),
  suites: z.array(z.string()),
  /** Every cell that was planned; one without a record did not run. */
  planned: z.array(z.strictObject({ image: z.string(), target: z.string(), suite: z.string(), test: z.string() })).default([]),
});

export type RunProvenance = z.infer<typeof runProvenance>;

/** The part of a failure that says what an error was diagnosed with; nothing for anything else an error may carry under that name. */
export function diagnosed(value: unknown): Pick<Failure, "diagnosis"> {
  const parsed = diagnosis.safeParse(value);
  return parsed.success ? { diagnosis: parsed.data } : {};
}

type Named = Pick<CellRecord, "test"> & Readonly<Record<"image" | "target" | "suite", { readonly name: string }>>;

/** The records of one run that count: of several attempts at a cell the last one's. */
export function lastAttempts<R extends Named>(records: readonly R[]): R[] {
  const key = ({ image, target, suite, test }: R) => JSON.stringify([image.name, target.name, suite.name, test]);
  return [...new Map(records.map((one) => [key(one), one])).values()];
}
