import { z } from "zod";
import { outcomes, record, runProvenance } from "../model/record.ts";
import { verdicts, waiverStates, weights } from "./gate/verdicts.ts";

export const matrixSchemaVersion = 1;

const shape = record.shape;

const evidence = z.strictObject({
  name: z.string(),
  path: z.string().describe("relative to the run directory"),
  sha256: z.string(),
  bytes: z.number().int(),
  href: z.string().optional().describe("address relative to the published folder, when the run directory lies beside it"),
  problem: z.string().optional().describe("why the file cannot be shown: missing, or not the bytes that were recorded"),
});

const past = z.strictObject({
  run: z.string(),
  outcome: z.enum(outcomes),
  started: z.string(),
  durationMs: z.number().optional(),
  attempts: z.number().int().optional(),
  version: z.string().optional(),
  digest: z.string().optional(),
  message: z.string().optional().describe("first line of the failure, or the reason"),
});

const verdict = z.enum(verdicts);

const judged = z
  .strictObject({
    verdict,
    why: z.string().optional(),
    waiver: z.number().int().optional().describe("the waiver that speaks of it: its place in `decision.waivers`"),
  })
  .describe("what the gate says of it; absent where it was not asked");

const name = z.strictObject({ image: z.string(), target: z.string(), suite: z.string(), test: z.string() });

const scope = z.strictObject({
  image: z.array(z.string()),
  target: z.array(z.string()),
  suite: z.array(z.string()),
  test: z.array(z.string()),
});

const waiver = z.strictObject({
  cells: scope,
  excuses: z.array(z.string()),
  reason: z.string(),
  owner: z.string(),
  tracker: z.string(),
  expires: z.string().describe("its last day, in UTC"),
  at: z.string().describe("file:line"),
  state: z.enum(waiverStates),
  met: z.number().int().describe("how many cells it speaks of"),
  excused: z.number().int().describe("how many of those it excuses"),
});

const decision = z
  .strictObject({
    policy: z.string(),
    baseline: z.array(z.string()).optional().describe("what it was compared with, as it was named"),
    day: z.string().describe("the day it was decided on, in UTC: waivers end with a day"),
    exitCode: z.union([z.literal(0), z.literal(1), z.literal(2)]),
    counts: z.partialRecord(verdict, z.number().int()).describe("cells by verdict"),
    reasons: z
      .array(z.strictObject({ weight: z.enum(weights), text: z.string(), cell: name.optional() }))
      .describe("against images first, then the harness, then notes; of each the shortest first; at most 1000"),
    moreReasons: z.number().int().describe("how many reasons there are beyond those"),
    waivers: z.array(waiver),
    absent: z
      .array(z.strictObject({ ...name.shape, why: z.string().optional() }))
      .describe("cells that are expected and of which there is no outcome that applies: they are missing"),
  })
  .describe("what `osbench gate` says; absent where it was not asked");

const cell = z.strictObject({
  image: z.string(),
  target: z.string(),
  suite: z.string(),
  test: z.string(),
  outcome: z.enum(outcomes),
  reason: z.string().optional(),
  failure: shape.failure,
  run: z.string().describe("the run this outcome comes from"),
  version: z.string().optional(),
  digest: z.string().optional().describe("of the image that was tested"),
  suiteDigest: z.string().optional(),
  started: z.string(),
  durationMs: z.number().optional(),
  attempts: z.number().int().optional(),
  environment: shape.target.omit({ name: true }).optional(),
  machines: z.array(shape.machines.unwrap().element),
  evidence: z.array(evidence),
  outdated: z.array(z.string()).describe("why this outcome is not about the newest image or suite; empty when it is"),
  history: z.array(past).describe("older outcomes of the same cell, newest first, at most 20"),
  earlier: z.number().int().optional().describe("how many older outcomes than those there are"),
  judged: judged.optional(),
});

const column = z.strictObject({
  image: z.string(),
  target: z.string(),
  version: z.string().optional(),
  digest: z.string().optional(),
  form: z.string().optional(),
  environment: shape.target.omit({ name: true }).optional(),
});

const suite = z.strictObject({
  suite: z.string(),
  file: z.string().optional(),
  digest: z.string().optional(),
  tests: z.array(z.string()),
});

const run = z.strictObject({
  run: z.string(),
  folder: z.string(),
  href: z.string().optional(),
  records: z.number().int(),
  planned: z.number().int().optional(),
  provenance: runProvenance.omit({ planned: true }).optional().describe("absent when run.json is missing or damaged"),
});

const problem = z.strictObject({
  at: z.string().describe("file:line, from the run directory's name on"),
  what: z.string(),
  kept: z.string().describe("what was used nevertheless"),
});

/** matrix.json: the newest outcome of every cell, how it came about, and the runs it was read from. Times in milliseconds, lists in a fixed order. */
export const matrixDocument = z.strictObject({
  schema: z.literal(matrixSchemaVersion),
  counts: z.record(z.enum(outcomes), z.number().int()),
  outdated: z.number().int().describe("how many cells are about an older image or suite"),
  columns: z.array(column),
  suites: z.array(suite),
  cells: z.array(cell),
  runs: z.array(run),
  problems: z.array(problem).describe("damage found while reading; an empty list means every byte was understood"),
  decision: decision.optional(),
});

/** One of `cells`. */
export const matrixCell = cell;
/** Everything but `cells`. */
export const matrixHead = matrixDocument.omit({ cells: true });

export type MatrixDocument = z.infer<typeof matrixDocument>;
export type MatrixHead = z.infer<typeof matrixHead>;
export type MatrixDecision = z.infer<typeof decision>;
export type MatrixCell = z.infer<typeof cell>;
export type MatrixColumn = z.infer<typeof column>;
export type MatrixSuite = z.infer<typeof suite>;
export type MatrixRun = z.infer<typeof run>;
export type MatrixEvidence = z.infer<typeof evidence>;
export type PastOutcome = z.infer<typeof past>;
