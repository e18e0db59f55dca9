import { createHash } from "node:crypto";
import { outcomes, type CellRecord, type RunProvenance, type TargetKind } from "../../model/record.ts";
import { kindOfRecord } from "../kind-words.ts";
import { recordsFile, type Damage } from "../read-run.ts";
import { streamRuns, type StreamedRun } from "../stream-runs.ts";
import { discord, printable, type CoveredFile, type Hashed } from "./covered-files.ts";
import { LastAttempts } from "./last-attempts.ts";
import { PathSet } from "./path-set.ts";

/** Beyond so many cells or files a certificate counts them and names all by one digest: it stays small, however large the run. */
export const mostListed = 20_000;

/** The same of all names together, in characters: a certificate that is too long to be read again is worth nothing. */
const longestNames = 16 * 1024 * 1024;

/** Beyond so many of a kind the rest are the same damage again. */
const mostProblems = 1000;

/** What all of a run's evidence is, in one digest: of its lines `<sha256>  <path>`, in the order the records name it. */
export interface EvidenceDigest {
  readonly count: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** What a certificate may say of a run and is decided by. Lists are absent where it is too large for them. */
export interface Gathered {
  readonly folder: string;
  readonly run: string;
  /** Without what was planned where nothing is listed: run.json has it. */
  readonly provenance: RunProvenance | undefined;
  readonly counts: Readonly<Record<CellRecord["outcome"], number>>;
  /** Of what passed or failed. */
  readonly kinds: ReadonlySet<TargetKind>;
  readonly warned: number;
  /** Images that were tested and suites that were run, each once. */
  readonly images: readonly CellRecord["image"][];
  readonly suites: readonly CellRecord["suite"][];
  /** The records that count, as far as a certificate tells them. */
  readonly cells: readonly CellRecord[] | undefined;
  readonly files: readonly CoveredFile[] | undefined;
  readonly evidence: EvidenceDigest;
  readonly evidencePaths: PathSet;
  readonly damage: readonly string[];
  /** Why nothing can be vouched for, besides damage. */
  readonly obstacles: readonly string[];
  /** Evidence that is not what was recorded. */
  readonly problems: readonly string[];
}

/**
 * Reads a run's records twice, one at a time, and every piece of evidence they name by `hash`. Holds what tells its cells apart, and no more than
 * `mostListed` of anything else unless a `listing` asks for it. Throws InputError for what is no run directory.
 */
export async function gather(given: string, hash: (path: string) => Promise<Hashed>, listing?: "listed" | "counted"): Promise<Gathered> {
  const { runs, close } = await streamRuns([given]);
  try {
    return await gatherRun(runs[0]!, hash, listing);
  } finally {
    await close();
  }
}

async function gatherRun(
  run: StreamedRun,
  hash: (path: string) => Promise<Hashed>,
  listing: "listed" | "counted" | undefined,
): Promise<Gathered> {
  const planned = await run.planned();
  const last = new LastAttempts();
  let names = 0;
  const odd = { early: 0, negative: 0, foreign: 0, of: "" };
  const evidence = new Evidence(hash, listing === "listed");
  const began = run.provenance && Date.parse(run.provenance.started) - 60_000;
  for await (const { record } of run.records()) {
    last.add(record);
    names += lengthOf(record);
    if (began !== undefined && Date.parse(record.started) < began) odd.early++;
    if (record.durationMs < 0) odd.negative++;
    if (record.run !== run.run && odd.foreign++ === 0) odd.of = record.run;
    for (const one of record.evidence) await evidence.add({ ...one, said: `${record.suite.name} › ${record.test}` });
  }
  const isSmall = evidence.files !== undefined && Math.max(last.size, planned.length) <= mostListed && names <= longestNames;
  const isListed = listing === undefined ? isSmall : listing === "listed";

  const counts = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<CellRecord["outcome"], number>;
  const kinds = new Set<TargetKind>();
  const images = new Map<string, CellRecord["image"]>();
  const suites = new Map<string, CellRecord["suite"]>();
  const about = ({ image, suite }: CellRecord) => {
    if (image.digest !== "") images.set(image.digest, image);
    suites.set(`${suite.file} ${suite.digest}`, suite);
  };
  const placed: { readonly record: CellRecord; readonly place: number }[] = [];
  let warned = 0;
  for await (const { record, place } of last.of(run.records())) {
    const { outcome, attempts } = record;
    counts[outcome]++;
    if (outcome === "pass" || outcome === "fail") kinds.add(kindOfRecord(record));
    if (outcome === "pass" && attempts > 1) warned++;
    if (isListed) placed.push({ record: slim(record), place });
    else about(record);
  }
  const cells = placed.sort((a, b) => a.place - b.place).map(({ record }) => record);
  for (const cell of cells) about(cell);
  const missing = counts["not-run"] + planned.filter((cell) => !last.has(cell)).length;
  const many = (count: number, what: string) => (count > 0 ? [`${count} ${what}`] : []);
  return {
    ...{ folder: run.folder, run: run.run, counts, kinds, warned, images: [...images.values()], suites: [...suites.values()] },
    provenance: run.provenance && { ...run.provenance, planned: isListed ? planned : [] },
    cells: isListed ? cells : undefined,
    files: isListed ? [...evidence.files!.values()] : undefined,
    evidence: evidence.digest(),
    evidencePaths: evidence.paths,
    damage: [
      ...run.damage.map(damageWords),
      ...many(odd.foreign, `records say they are of run ${odd.of}, not ${run.run}`).map((what) => `${recordsFile}: ${what}`),
    ].map(printable),
    obstacles: [
      ...(run.provenance === undefined || run.provenance.finished !== undefined ? [] : ["the run did not finish"]),
      ...many(counts.error, "cells ended in an error of osbench or its host"),
      ...many(missing, "planned cells have no outcome"),
      ...(counts.pass + counts.fail === 0 ? ["no claim was tried"] : []),
      ...many(odd.early, `records are older than their run ${run.run}: the clock was set back, or they are of another run`),
      ...many(odd.negative, "records took less than no time"),
    ].map(printable),
    problems: evidence.problems(),
  };
}

/** The evidence of a run, piece by piece. */
class Evidence {
  readonly paths = new PathSet();
  /** Each once, by its path; undefined once there are too many. */
  files: Map<string, CoveredFile> | undefined = new Map();
  readonly #hash: (path: string) => Promise<Hashed>;
  readonly #isListed: boolean;
  readonly #digest = createHash("sha256");
  readonly #problems: string[] = [];
  #discordant = 0;
  #count = 0;
  #bytes = 0;

  constructor(hash: (path: string) => Promise<Hashed>, isListed: boolean) {
    this.#hash = hash;
    this.#isListed = isListed;
  }

  async add(recorded: CellRecord["evidence"][number] & { readonly said: string }): Promise<void> {
    this.#count++;
    this.paths.add(recorded.path);
    const found = this.files?.get(recorded.path) ?? (await this.#hash(recorded.path));
    const problem = discord(recorded, found);
    if (problem !== undefined && this.#discordant++ < mostProblems) this.#problems.push(problem);
    if ("problem" in found) return;
    this.#bytes += found.bytes;
    this.#digest.update(`${found.sha256}  ${found.path}\n`);
    this.files?.set(found.path, found);
    if (!this.#isListed && this.files && this.files.size > mostListed) this.files = undefined;
  }

  digest(): EvidenceDigest {
    return { count: this.#count, bytes: this.#bytes, sha256: this.#digest.copy().digest("hex") };
  }

  problems(): string[] {
    const more = this.#discordant - this.#problems.length;
    return [...this.#problems, ...(more > 0 ? [`and ${more} more pieces of evidence`] : [])];
  }
}

/** How much a certificate would say of a record and its evidence. */
function lengthOf({ image, target, suite, test, reason = "", evidence }: CellRecord): number {
  const named = [image.name, image.version, target.name, suite.name, test, reason, ...evidence.map((one) => one.path)];
  return named.reduce((sum, text) => sum + text.length, 0);
}

/** What failed in which words, boots and capabilities stand in the records that are covered. */
function slim({ failure: _failure, capabilities: _capabilities, evidence: _evidence, ...record }: CellRecord): CellRecord {
  const machines = record.machines.map(({ start, accelerator }) => ({ start, accelerator, boots: [] }));
  return { ...record, machines, evidence: [] };
}

function damageWords({ file, line, what }: Damage): string {
  return `${file}${line === undefined ? "" : `:${line}`}: ${what}`;
}
