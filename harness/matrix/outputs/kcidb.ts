import { createHash } from "node:crypto";
import type { CellRecord, Culprit, Outcome } from "../../model/record.ts";
import { kindOfTarget, kindWords } from "../kind-words.ts";
import type { Newest } from "./newest.ts";

/** The version of the KCIDB I/O schema written. */
const version = { major: 5, minor: 3 };
const longestExcerpt = 16_384;

const statuses: Readonly<Record<Outcome, "PASS" | "FAIL" | "ERROR" | "SKIP" | "MISS">> = {
  pass: "PASS",
  fail: "FAIL",
  error: "ERROR",
  "not-applicable": "SKIP",
  "not-run": "MISS",
};

const culprits: Readonly<Record<Culprit, { code?: true; tool?: true; harness?: true }>> = {
  image: { code: true },
  firmware: { code: true },
  emulator: { tool: true },
  host: { harness: true },
  harness: { harness: true },
};

/**
 * The newest outcomes as a KCIDB submission: an image is a build, each build of a checkout of its own, since no source revision of an image is known; a
 * diagnosis is an issue, and each cell it was met in an incident. `origin` names the submitting system: lower-case letters, digits and `_`.
 * Source: kcidb-io, schema v5.3.
 */
export function kcidbOf({ cells }: Newest, origin = "osbench"): string {
  const records = cells.map(({ record }) => record);
  const id = (...words: readonly string[]) => `${origin}:${hash(words)}`;
  // What was planned and not run does not say of which build.
  const known = new Map(records.filter(({ image }) => image.digest !== "").map((record) => [record.image.name, record]));
  const tested = (record: CellRecord) => (record.image.digest === "" ? (known.get(record.image.name) ?? record) : record);
  const buildOf = (record: CellRecord) => {
    const { image } = tested(record);
    return id("build", image.name, image.version, image.digest);
  };
  const testOf = ({ run, image, target, suite, test }: CellRecord) => id("test", run, image.name, target.name, suite.name, test);
  const builds = new Map(records.map((record) => [buildOf(record), tested(record)]));
  const diagnosed = records.flatMap((record) => (record.failure?.diagnosis ? [{ record, diagnosis: record.failure.diagnosis }] : []));
  const issues = new Map(diagnosed.map(({ diagnosis }) => [id("issue", diagnosis.id), diagnosis]));
  const submission = {
    version,
    checkouts: [...builds].map(([build, { image }]) => ({
      id: `${build}-checkout`,
      origin,
      comment: clean(`${image.name} ${image.version}`),
    })),
    builds: [...builds].map(([build, { image, target }]) => ({
      id: build,
      checkout_id: `${build}-checkout`,
      origin,
      comment: clean(`${image.name} ${image.version}`),
      ...(/^[a-z0-9_]+$/.test(target.arch) && { architecture: target.arch }),
      status: "PASS",
      misc: { image, note: "the image as it was tested; osbench does not say how it was built" },
    })),
    tests: records.map((record) => ({
      id: testOf(record),
      build_id: buildOf(record),
      origin,
      path: [record.suite.name, record.test].map(pathWord).join("."),
      comment: clean(`${record.suite.name} › ${record.test}`),
      status: statuses[record.outcome],
      start_time: record.started,
      duration: Math.max(0, record.durationMs) / 1000,
      environment: environmentOf(record),
      ...excerptOf(record),
      misc: miscOf(record),
    })),
    issues: [...issues].map(([issue, { id: name, means, fault }]) => ({
      id: issue,
      version: 1,
      origin,
      report_subject: clean(means),
      culprit: culprits[fault],
      comment: clean(name),
    })),
    incidents: diagnosed.map(({ record, diagnosis }) => ({
      id: id("incident", testOf(record), diagnosis.id),
      origin,
      issue_id: id("issue", diagnosis.id),
      issue_version: 1,
      test_id: testOf(record),
      present: true,
    })),
  };
  return `${JSON.stringify(submission, undefined, 2)}\n`;
}

function environmentOf({ target }: CellRecord) {
  return { comment: clean(`${target.name} (${kindWords[kindOfTarget(target)]})`), misc: { ...target, kind: kindOfTarget(target) } };
}

function excerptOf({ failure, reason }: CellRecord): { log_excerpt?: string } {
  const text = [failure?.message ?? reason, ...Object.entries(failure?.details ?? {}).map(([title, value]) => `${title}:\n${value}`)];
  const excerpt = clean(text.filter((part) => part !== undefined).join("\n"));
  // The end is where the failure shows.
  return excerpt === "" ? {} : { log_excerpt: excerpt.slice(-longestExcerpt) };
}

function miscOf({ run, suite, attempts, evidence, machines }: CellRecord) {
  const boots = machines.flatMap(({ boots: all }) => all.map(({ totalMs, durations }) => ({ totalMs, durations })));
  return { run, suite, attempts, evidence, boots };
}

/** A path's words may hold letters, digits, `_` and `-` alone. */
function pathWord(text: string): string {
  return (
    text
      .replaceAll(/[^a-zA-Z0-9_-]+/g, "_")
      .replaceAll(/^_+|_+$/g, "")
      .slice(0, 100) || "_"
  );
}

/** No text of theirs may hold a NUL. */
function clean(text: string): string {
  return text.replaceAll("\0", "\ufffd");
}

function hash(words: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(words)).digest("hex").slice(0, 32);
}
