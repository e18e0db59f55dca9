import { Ajv } from "ajv";
import { schema as ctrfSchema } from "ctrf";
import path from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../../model/testdata/temporary.ts";
import { aRecord, aRun, writeRun } from "../fixtures/small-run.ts";
import { badgesOf } from "./badges.ts";
import { ctrfOf } from "./ctrf.ts";
import { kcidbOf } from "./kcidb.ts";
import { readNewest, type Newest } from "./newest.ts";
import { summaryMarkdown } from "./summary.ts";

const script = `<script>alert("1")</script> & | @all \u0000\u001b[2J`;
const failure = {
  message: "no login\nmore",
  at: "suites/boot/boot.suite.yaml:7:9",
  hint: "look",
  details: { screen: `x\u0000${script}` },
  diagnosis: { id: "kernel-panic", fault: "image" as const, phase: "kernel" as const, means: "the kernel gave up" },
};

/** Two runs: every outcome there is, a cell that regressed, one that passed at its second attempt, one nobody reached, and names that want to be markup. */
async function newest(): Promise<Newest> {
  const top = temporaryFolder();
  const later = { run: "two", started: "2026-11-21T10:00:00.000Z" };
  const evidence = [{ name: "console.cast", path: "evidence/a/console.cast", sha256: "00", bytes: 1 }];
  const one = await writeRun(path.join(top, "one"), [aRecord({ test: "fails" }), aRecord({ test: "passes" })], aRun());
  const two = await writeRun(
    path.join(top, "two"),
    [
      aRecord({ ...later, test: "passes", evidence }),
      aRecord({ ...later, test: "fails", outcome: "fail", failure, durationMs: -5 }),
      aRecord({ ...later, test: "breaks", outcome: "error", failure: { message: "QEMU died", details: {} } }),
      aRecord({ ...later, test: "breaks once", outcome: "error", failure: { message: "QEMU died", details: {} } }),
      aRecord({ ...later, test: "breaks once", attempts: 2, started: "2026-11-21T10:01:00.000Z", durationMs: 1234.5 }),
      aRecord({ ...later, test: "does not apply", outcome: "not-applicable", reason: "tpm2: there is none" }),
      aRecord({ ...later, test: script, image: { ...aRecord().image, name: script } }),
      "not json\n",
    ],
    aRun({
      run: "two",
      started: "2026-11-21T09:00:00.000Z",
      planned: [{ image: "debian-ab", target: "x86_64", suite: "boot", test: "nobody reached" }],
    }),
  );
  return readNewest([one, two]);
}

test("each cell's newest word, with what it was before, and what was planned in vain", async () => {
  const { cells, damage, runs } = await newest();
  expect(cells.map(({ record, before }) => [record.test, record.outcome, before.join()]).sort(([a], [b]) => (a! < b! ? -1 : 1))).toEqual([
    [script, "pass", ""],
    ["breaks", "error", ""],
    ["breaks once", "pass", "error"],
    ["does not apply", "not-applicable", ""],
    ["fails", "fail", "pass"],
    ["nobody reached", "not-run", ""],
    ["passes", "pass", "pass"],
  ]);
  expect(runs).toEqual(["one", "two"]);
  expect(damage).toMatchObject([{ line: 8, what: "the line is not JSON" }]);
});

test("CTRF is what its published schema asks for, and an error is neither passed nor failed", async () => {
  const report = JSON.parse(ctrfOf(await newest())) as { results: { summary: object; tests: { name: string; rawStatus: string }[] } };
  const validate = new Ajv({ strict: false, formats: { uuid: /^[0-9a-f-]{36}$/, "date-time": true, uri: true } }).compile(ctrfSchema);
  expect(validate(report) || validate.errors).toBe(true);
  expect(report.results.summary).toMatchObject({ tests: 7, passed: 3, failed: 1, skipped: 1, pending: 1, other: 1, flaky: 1, suites: 2 });
  expect(report.results.tests.find(({ name }) => name === "fails")).toMatchObject({
    status: "failed",
    line: 7,
    duration: 0,
    device: "x86_64 (emulated machine)",
    message: failure.message,
  });
  const empty: Newest = { cells: [], provenance: undefined, runs: [], damage: [] };
  expect(validate(JSON.parse(ctrfOf(empty))) || validate.errors).toBe(true);
});

// What kcidb-io's schema v5.3 asks of each part we write: required members, patterns, no other members.
const id = z.string().regex(/^[a-z0-9_]+:[^\0]*$/);
const text = z.string().regex(/^[^\0]*$/);
const base = { id, origin: z.string().regex(/^[a-z0-9_]+$/), comment: text, misc: z.object({}).loose().optional() };
const status = z.enum(["FAIL", "ERROR", "MISS", "PASS", "DONE", "SKIP"]);
const kcidb = z.strictObject({
  version: z.strictObject({ major: z.literal(5), minor: z.number().int().min(0).max(3) }),
  checkouts: z.array(z.strictObject(base)),
  builds: z.array(
    z.strictObject({
      ...base,
      checkout_id: id,
      architecture: z
        .string()
        .regex(/^[a-z0-9_]*$/)
        .optional(),
      status,
    }),
  ),
  tests: z.array(
    z.strictObject({
      ...base,
      build_id: id,
      path: z.string().regex(/^([a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*)?$/),
      status,
      start_time: z.iso.datetime(),
      duration: z.number(),
      environment: z.strictObject({ comment: text, misc: z.object({}).loose() }),
      log_excerpt: text.max(16_384).optional(),
    }),
  ),
  issues: z.array(
    z.strictObject({
      ...base,
      version: z.number().int().min(0),
      report_subject: text,
      culprit: z.strictObject({ code: z.boolean().optional(), tool: z.boolean().optional(), harness: z.boolean().optional() }),
    }),
  ),
  incidents: z.array(
    z.strictObject({ ...base, comment: text.optional(), issue_id: id, issue_version: z.number().int(), test_id: id, present: z.boolean() }),
  ),
});

test("KCIDB: what its schema asks for, every reference has its object, and a diagnosis is an issue", async () => {
  const made = kcidb.parse(JSON.parse(kcidbOf(await newest(), "our_lab")));
  const ids = (list: readonly { id: string }[]) => new Set(list.map((one) => one.id));
  expect(made.tests).toHaveLength(7);
  expect(ids(made.tests).size).toBe(7);
  for (const { build_id } of made.tests) expect(ids(made.builds)).toContain(build_id);
  for (const { checkout_id } of made.builds) expect(ids(made.checkouts)).toContain(checkout_id);
  expect(made.incidents).toMatchObject([{ issue_id: made.issues[0]?.id, test_id: made.tests.find((one) => one.status === "FAIL")?.id }]);
  expect(made.issues).toMatchObject([{ report_subject: "the kernel gave up", culprit: { code: true } }]);
  expect(made.tests.map((one) => one.status).sort()).toEqual(["ERROR", "FAIL", "MISS", "PASS", "PASS", "PASS", "SKIP"]);
});

test("badges say in words what their colour says, and a name is never markup", async () => {
  const badges = badgesOf(await newest());
  expect(badges.map(({ file }) => file)).toEqual(["osbench.svg", "debian-ab-x86-64.svg", "script-alert-1-script-all-2j-x86-64.svg"]);
  expect(badges[0]?.svg).toMatch(/aria-label="osbench: 1 of 4 fail".*#cf222e/s);
  for (const { svg } of badges) {
    expect(svg).not.toContain("<script");
    // oxlint-disable-next-line no-control-regex -- XML has no place for them
    expect(svg).not.toMatch(/[\u0000-\u0008\u001b]/);
  }
  const of = (...outcomes: ("pass" | "error" | "not-run" | "not-applicable")[]) =>
    badgesOf({
      cells: outcomes.map((outcome) => ({ record: aRecord({ outcome }), folder: "", before: [] })),
      provenance: undefined,
      runs: [],
      damage: [],
    })[0]!.svg;
  expect(of("pass")).toMatch(/osbench: 1 pass".*#1a7f37/s);
  expect(of("pass", "error")).toMatch(/1 pass, 1 unknown".*#9a6700/s);
  expect(of("pass", "not-run")).not.toContain("#1a7f37");
  expect(of("not-applicable")).toMatch(/not applicable".*#57606a/s);
  expect(of()).toMatch(/nothing tested".*#57606a/s);
});

test("the summary for a merge request says first what fails, and that it passed before", async () => {
  const markdown = summaryMarkdown(await newest());
  const lines = markdown.split("\n");
  expect(lines[0]).toBe("### osbench: ❌ 1 fail · ⚠️ 1 error · ⬜ 1 not run · ➖ 1 n/a · ✅ 3 pass");
  expect(lines.filter((line) => line.startsWith("- "))).toEqual([
    "- ❌ **boot › fails** on debian-ab × x86\\_64 **(it passed before)**: no login",
    "- ⚠️ **boot › breaks** on debian-ab × x86\\_64: QEMU died",
    "- ⬜ **boot › nobody reached** on debian-ab × x86\\_64: planned, but the run finished without a record of it",
  ]);
  expect(markdown).toContain("1 places of the records could not be read");
  expect(markdown).toContain("This certifies no hardware.");
  expect(markdown).not.toMatch(/<script|@all/);
});
