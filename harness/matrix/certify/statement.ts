import { z } from "zod";
import { outcomes, targetKinds, type CellRecord, type ImageFacts, type RunProvenance } from "../../model/record.ts";
import { provenanceFile } from "../read-run.ts";
import type { CoveredFile } from "./covered-files.ts";
import type { Gathered } from "./gather.ts";
import { kindOfRecord, kindWords } from "../kind-words.ts";
import { standingOf } from "./hardware.ts";

const inToto = "https://in-toto.io/Statement/v1";
/** in-toto attestation predicates, "Test Result", version 0.1. */
export const testResultType = "https://in-toto.io/attestation/test-result/v0.1";
/** What osbench knows beyond that: this file's `runPredicate`. */
export const runPredicateType = "urn:osbench:run:v1";

const digests = z.record(z.string(), z.string());
const subject = z.array(z.object({ name: z.string(), digest: digests })).min(1);

/** Fields nobody knows are ignored: in-toto's parsing rules. */
export const testResultStatement = z.object({
  _type: z.literal(inToto),
  subject,
  predicateType: z.literal(testResultType),
  predicate: z.object({
    result: z.enum(["PASSED", "WARNED", "FAILED"]),
    configuration: z.array(z.object({ name: z.string(), digest: digests })),
    /** All three are absent where there are too many. */
    passedTests: z.array(z.string()).optional(),
    warnedTests: z.array(z.string()).optional(),
    failedTests: z.array(z.string()).optional(),
    /** Ours, so that nobody who reads only this statement takes an emulator for a board. */
    osbench: z.object({ run: z.string(), hardware: z.boolean(), notice: z.string() }),
  }),
});

export const runStatement = z.object({
  _type: z.literal(inToto),
  subject,
  predicateType: z.literal(runPredicateType),
  predicate: z.object({
    run: z.string(),
    hardware: z.boolean(),
    notice: z.string(),
    kinds: z.array(z.enum(targetKinds)),
    counts: z.record(z.string(), z.number()),
    /** Absent where there are too many: they stand in records.jsonl, which `files` names. */
    cells: z
      .array(
        z.object({
          image: z.string(),
          version: z.string(),
          digest: z.string(),
          target: z.string(),
          kind: z.enum(targetKinds),
          suite: z.string(),
          suiteDigest: z.string(),
          test: z.string(),
          outcome: z.enum(outcomes),
          attempts: z.number(),
          reason: z.string().optional(),
        }),
      )
      .optional(),
    files: z.array(z.object({ path: z.string(), bytes: z.number(), sha256: z.string() })),
    /** Where `files` does not name each piece: all of them in one digest, of a line `<sha256>  <path>` each, in the order records.jsonl names them. */
    evidence: z.object({ count: z.number(), bytes: z.number(), sha256: z.string() }).optional(),
    provenance: z.record(z.string(), z.unknown()),
  }),
});

export type TestResultStatement = z.infer<typeof testResultStatement>;
export type RunStatement = z.infer<typeof runStatement>;

/**
 * The statements about one run, from the records that count: the last attempt at each cell. `own` are its records.jsonl and run.json. The same records and
 * files give the same statements.
 */
export function statementsOf(
  gathered: Gathered & { readonly provenance: RunProvenance },
  own: readonly CoveredFile[],
): { testResult: TestResultStatement; run: RunStatement } {
  const { run, counts, cells, warned, provenance } = gathered;
  const { hardware, kinds, notice } = standingOf(gathered.kinds);
  const about = subjectOf(gathered);
  const named = (chosen: (record: CellRecord) => boolean) => cells!.filter(chosen).map(testName);
  return {
    testResult: {
      _type: inToto,
      subject: about,
      predicateType: testResultType,
      predicate: {
        result: counts.fail > 0 ? "FAILED" : warned > 0 ? "WARNED" : "PASSED",
        configuration: configurationOf(gathered.suites, own),
        ...(cells && {
          passedTests: named(({ outcome, attempts }) => outcome === "pass" && attempts === 1),
          warnedTests: named(({ outcome, attempts }) => outcome === "pass" && attempts > 1),
          failedTests: named(({ outcome }) => outcome === "fail"),
        }),
        osbench: { run, hardware, notice },
      },
    },
    run: {
      _type: inToto,
      subject: about,
      predicateType: runPredicateType,
      predicate: {
        ...{ run, hardware, notice, kinds: [...kinds], counts: { ...counts } },
        ...(cells && { cells: cells.map(cellOf) }),
        files: [...own, ...(gathered.files ?? [])].sort((a, b) => (a.path < b.path ? -1 : 1)),
        ...(gathered.files === undefined && { evidence: gathered.evidence }),
        provenance: JSON.parse(JSON.stringify(provenance)) as Record<string, unknown>,
      },
    },
  };
}

/** Says on what kind of machine in the name itself: names travel alone. */
function testName(record: CellRecord): string {
  const { image, target, suite, test } = record;
  return `${image.name} ${image.version} × ${target.name} (${kindWords[kindOfRecord(record)]}): ${suite.name} › ${test}`;
}

function cellOf(record: CellRecord): NonNullable<RunStatement["predicate"]["cells"]>[number] {
  const { image, target, suite, test, outcome, attempts, reason } = record;
  const named = { image: image.name, version: image.version, digest: image.digest, target: target.name, kind: kindOfRecord(record) };
  const tested = { suite: suite.name, suiteDigest: suite.digest, test, outcome, attempts };
  return { ...named, ...tested, ...(reason !== undefined && { reason }) };
}

/** The files of each image by their bytes, where run.json names them; else the image by the digest osbench knows it by, which need not be of bytes. */
function subjectOf({ provenance, images }: Gathered): RunStatement["subject"] {
  const facts = new Map<string, ImageFacts>(provenance?.images.map((image) => [image.digest, image]));
  return images.flatMap(({ name, version, digest }) => {
    const known = facts.get(digest);
    const artefacts = (known?.versions ?? []).flatMap((one) =>
      (one.artefacts ?? []).map(({ path, sha256 }) => ({ name: `${name} ${one.version}: ${path}`, digest: { sha256 } })),
    );
    return [{ name: `${name} ${version}`, digest: { osbenchImage: digest } }, ...artefacts];
  });
}

function configurationOf(suites: Gathered["suites"], own: readonly CoveredFile[]): TestResultStatement["predicate"]["configuration"] {
  const run = own.filter(({ path }) => path === provenanceFile).map(({ path, sha256 }) => ({ name: path, digest: { sha256 } }));
  return [...suites.map(({ file, digest }) => ({ name: file, digest: { sha256: digest } })), ...run];
}
