import { z } from "zod";
import { phases } from "./phase.ts";
import { mergedFacts, shardFacts } from "./shard.ts";

export const outcomes = ["pass", "fail", "error", "not-applicable", "not-run"] as const;
export type Outcome = (typeof outcomes)[number];

/** 1 said of a machine only `from: boot | moment` and nothing of what kind a target is; `upgrade.ts` reads it. */
export const recordSchemaVersion = 2;

/** What stands behind a target: only `hardware` is a machine one can buy. */
export const targetKinds = ["emulated", "virtualised", "container", "hardware", "unknown"] as const;
export type TargetKind = (typeof targetKinds)[number];

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

/** A fact a target or an image has, or has not, and how that was found. */
const capability = z.strictObject({ name: z.string(), present: z.boolean(), reason: z.string() });

/** How a machine came to run: switched on, or made from a saved one, which is named by its digest. */
const start = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("booted"),
    why: z.string().optional().describe("why it was not forked where others are: what was asked for, or what went wrong with the moment"),
  }),
  z.strictObject({
    kind: z.literal("forked"),
    moment: z
      .strictObject({
        name: z.string().describe("what the moment is called, e.g. `booted`"),
        digest: z.string().optional().describe("of all it was made from: image, target, tools, steps"),
        saved: z.string().optional().describe("ISO 8601, UTC"),
      })
      .optional(),
    why: z.string().optional().describe("why it is of this moment, and not of the later one its test starts from"),
  }),
]);

/** What one machine did while a cell ran. Times in milliseconds. */
const machineUse = z.strictObject({
  start,
  accelerator: z.string(),
  argvDigest: z
    .string()
    .optional()
    .describe("sha256 of the words of its command line joined by NUL; they stand in the evidence, in argv.json"),
  access: z
    .strictObject({
      way: z.string().describe("`channel`, `ssh` or `serial`"),
      by: z
        .array(z.string())
        .optional()
        .describe("how the key that let SSH in was brought: `credential`, `nocloud`, `ignition`, or `given`"),
      tried: z.array(z.string()).optional().describe("every way in that was tried, where nobody had said which there is"),
    })
    .optional()
    .describe("how osbench got in, where the image's access left that to be found"),
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

/** What a container image is made from. */
const ociBase = z
  .strictObject({
    name: z.string().optional(),
    digest: z.string().optional().describe("of its manifest"),
    found: z.string().describe("how it was found: by its layers, or by what annotations say"),
  })
  .describe("the container image it is made from");

/** One cell: image x target x test. One JSON object a line in records.jsonl. */
export const record = z.strictObject({
  schema: z.literal(recordSchemaVersion),
  run: z.string(),
  image: z.strictObject({ name: z.string(), version: z.string(), digest: z.string(), form: z.string(), base: ociBase.optional() }),
  target: z.strictObject({
    name: z.string(),
    kind: z.enum(targetKinds).default("unknown"),
    arch: z.string(),
    machine: z.string(),
    accelerator: z.string(),
    firmware: z.string().optional().describe("in words; run.json's `environments` has name, version and digest"),
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
  capabilities: z.array(capability).optional().describe("what the test needs of image and target, and how each was found"),
  machines: z.array(machineUse).default([]),
  evidence: z.array(evidence).default([]),
});

export type CellRecord = z.infer<typeof record>;
export type Diagnosis = z.infer<typeof diagnosis>;
export type Failure = z.infer<typeof failure>;
export type Evidence = z.infer<typeof evidence>;
export type MachineUse = z.infer<typeof machineUse>;

/** Who signed a program: certificate and key by sha256 (of the DER of the certificate, and of its public key). */
const signer = z.strictObject({ subject: z.string(), certificate: z.string(), key: z.string() });

/** What an image is made of, by version, as far as its files say. */
const imageFacts = z.strictObject({
  name: z.string(),
  digest: z.string(),
  version: z.string(),
  form: z.string().optional(),
  family: z.string().optional().describe("update family, as image.yaml says under `os`"),
  versions: z
    .array(
      z.strictObject({
        version: z.string(),
        os: z.record(z.string(), z.string()).optional().describe("identity from the UKI's os-release: ID, VERSION_ID, IMAGE_ID, …"),
        artefacts: z
          .array(z.strictObject({ path: z.string(), sha256: z.string() }))
          .optional()
          .describe("the files it is made of, relative to the image's folder"),
        ukis: z
          .array(
            z.strictObject({
              path: z.string().describe("of the published file, or inside the disk's EFI system partition"),
              sha256: z.string().optional().describe("of the published file"),
              authenticode: z.string().describe("sha256 of what a signature covers and firmware measures"),
              signers: z.array(signer),
            }),
          )
          .optional(),
        oci: z
          .strictObject({
            manifest: z.string().describe("digest of its manifest, which names all there is in it"),
            layers: z.array(z.string()).describe("digests of the unpacked layers, bottom first"),
            base: ociBase.optional(),
          })
          .optional()
          .describe("as a container image"),
      }),
    )
    .optional(),
});

/** A target as it was prepared for one image. */
const environment = z.strictObject({
  image: z.string(),
  target: z.string(),
  kind: z.enum(targetKinds),
  accelerator: z.string(),
  acceleratorReason: z.string().describe("how it was proved, and why no better one is used"),
  firmware: z
    .strictObject({
      name: z.string(),
      version: z.string().optional().describe("of the package it comes from; absent where none says"),
      digest: z.string().describe("sha256 of the code"),
      file: z.string(),
    })
    .optional(),
  description: z.record(z.string(), z.unknown()).describe("the target as its file describes it: machine, cpu, cores, memory, tpm, …"),
  capabilities: z.array(capability).describe("what the descriptions say of both; what a running machine said stands in the records"),
});

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
  toolDigests: z.record(z.string(), z.string()).default({}).describe("tool name to sha256 of the program"),
  toolbox: z.string().optional().describe("digest of the toolbox recipe, absent with --tools host"),
  images: z.array(imageFacts),
  targets: z.array(z.string()),
  environments: z.array(environment).default([]).describe("every image in every target, as prepared"),
  suites: z.array(z.string()),
  /** Every cell that was planned; one without a record did not run. */
  planned: z.array(z.strictObject({ image: z.string(), target: z.string(), suite: z.string(), test: z.string() })).default([]),
  problems: z
    .array(z.string())
    .optional()
    .describe("what went wrong outside of any cell, e.g. an assertion that failed after its test had ended"),
  shard: shardFacts.optional().describe("which part of a matrix this run was"),
  merged: mergedFacts.optional().describe("what this run was merged from"),
});

export type RunProvenance = z.infer<typeof runProvenance>;
export type ImageFacts = z.infer<typeof imageFacts>;
export type Environment = z.infer<typeof environment>;
export type FoundCapability = z.infer<typeof capability>;

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
