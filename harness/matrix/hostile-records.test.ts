import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { InputError } from "../model/errors.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { certifying } from "./fixtures/certifying.ts";
import { EvidentRun } from "./fixtures/evident-run.ts";
import { aRecord, aRun } from "./fixtures/small-run.ts";
import { readAll } from "./fixtures/read-all.ts";
import { scanRecords } from "./site/scan-records.ts";

let run: EvidentRun;
beforeEach(async () => {
  run = await EvidentRun.in(temporaryFolder());
});

const raw = (...lines: readonly string[]) => run.write(...run.records(), lines.join("\n"));
const changed = (change: object) => JSON.stringify({ ...aRecord({ test: "c" }), ...change });

/** How many records are kept and what is said of the damage; or why everything is refused. */
async function reading(): Promise<string> {
  try {
    const { records, damage } = await readAll(run.folder);
    return [
      `${records.length} kept`,
      ...damage.map(({ file, line, what }) => `${file}${line === undefined ? "" : `:${line}`}: ${what}`),
    ].join("; ");
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return `refused: ${error.message}`;
  }
}

/** What the reader that holds one record at a time makes of the same. */
async function scanning(): Promise<string> {
  const said: string[] = [];
  let kept = 0;
  try {
    for await (const _ of scanRecords(run.folder, run.folder, ({ file, line, what }) => said.push(`${file}:${line}: ${what}`))) kept++;
  } catch (error) {
    if (error instanceof InputError) return `refused: ${error.message}`;
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    said.push("records.jsonl: the file is missing");
  }
  return [`${kept} kept`, ...said].join("; ");
}

interface Row {
  /** Makes the input out of a good run of two records. */
  readonly make: () => unknown;
  readonly read: RegExp;
  /** What signing it gets; refusal where nothing is said. */
  readonly certify?: RegExp;
}

const kept2 = /^2 kept$/;
const signs = /^signed PASSED$/;

const damagedRecords: Readonly<Record<string, Row>> = {
  "a last line cut short": {
    make: () => raw(changed({}).slice(0, 80)),
    read: /^2 kept; records\.jsonl:3: .*cut short$/,
    certify: /refused: .*:3: .*cut short/,
  },
  "a line cut short in the middle, the next glued to it": {
    make: () => raw(`${changed({}).slice(0, 80)}${changed({ test: "d" })}`, changed({ test: "e" }), ""),
    read: /^3 kept; records\.jsonl:3: the line is not JSON$/,
    certify: /refused: .*:3: /,
  },
  "zeros, as a crashed host leaves them": {
    make: () => raw("\0\0\0\0", ""),
    read: /^2 kept; records\.jsonl:3: the line is not JSON$/,
  },
  "bytes that are no text": {
    make: () => appendFileSync(run.at("records.jsonl"), Buffer.from([0xff, 0xfe, 0x80, 0x0a])),
    read: /^2 kept; records\.jsonl:3: the line is not JSON$/,
  },
  "a line that is a list": {
    make: () => raw("[1,2]", ""),
    read: /^2 kept; records\.jsonl:3: not a record: the whole: /,
  },
  "a hundred thousand brackets": {
    make: () => raw("[".repeat(100_000), ""),
    read: /^2 kept; records\.jsonl:3: the line is not JSON$/,
  },
  "a record nested a hundred thousand deep": {
    make: () => raw(`{"schema":2,"details":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, ""),
    read: /^2 kept; records\.jsonl:3: not a record: /,
  },
  "an empty file": { make: () => truncateSync(run.at("records.jsonl")), read: /^0 kept$/, certify: /refused: .*no claim was tried/ },
  "a byte order mark": {
    make: () => run.write(`\ufeff${JSON.stringify(run.records()[0])}\n`, run.records()[1]),
    read: /^1 kept; records\.jsonl:1: the line is not JSON$/,
  },
  "lines that end as on Windows": {
    make: () => run.write(...run.records().map((one) => `${JSON.stringify(one)}\r\n`)),
    read: kept2,
    certify: signs,
  },
  "a schema of the future": {
    make: () => raw(changed({ schema: 99 }), ""),
    read: /^refused: .*records\.jsonl:3: schema version 99 is unknown; this osbench reads 1 and 2/,
    certify: /refused: .*version 99/,
  },
  "a schema that is text": {
    make: () => raw(changed({ schema: "2" }), ""),
    read: /^refused: .*schema version "2" is unknown/,
  },
  "no schema at all": {
    make: () => raw(changed({ schema: undefined }), ""),
    read: /^2 kept; records\.jsonl:3: not a record: schema: /,
  },
  "a key nobody knows": {
    make: () => raw(changed({ verdict: "pass" }), ""),
    read: /^2 kept; .*:3: not a record: .*"verdict"/,
  },
  "a key that is a terminal's command": {
    make: () => raw(changed({ "\u001b[2J\u001b]0;owned\u0007": 1 }), ""),
    // oxlint-disable-next-line no-control-regex -- that none of them is left is the point
    read: /^2 kept; .*:3: not a record: [^\u0000-\u001f]*owned[^\u0000-\u001f]*$/,
  },
  "an outcome nobody knows": {
    make: () => raw(changed({ outcome: "PASS" }), ""),
    read: /^2 kept; .*:3: not a record: outcome: /,
  },
  "no outcome": {
    make: () => raw(changed({ outcome: undefined }), ""),
    read: /^2 kept; .*:3: not a record: outcome: /,
  },
  "a start that is no date": {
    make: () => raw(changed({ started: "yesterday" }), ""),
    read: /^2 kept; .*:3: .*"yesterday" is no date$/,
  },
  "a duration beyond all numbers": {
    make: () => raw(changed({}).replace('"durationMs":1200', '"durationMs":1e999'), ""),
    read: /^2 kept; .*:3: not a record: durationMs: /,
  },
  "a prototype to be spoilt": {
    make: () => raw(changed({}).replace('{"schema"', '{"__proto__":{"outcome":"pass"},"schema"'), ""),
    read: /^2 kept; .*:3: not a record: .*__proto__/,
  },
  "half a character in a name": {
    make: () => run.write(run.records()[0], run.record("b", { image: { ...aRecord().image, name: "x\ud800y" } })),
    read: kept2,
    certify: signs,
  },
  "a clock that was set back before the run": {
    make: () => run.write(run.records()[0], run.record("b", { started: "2020-01-01T00:00:00.000Z" })),
    read: kept2,
    certify: /refused: .*1 records are older than their run/,
  },
  "a test that took less than no time": {
    make: () => run.write(run.records()[0], run.record("b", { durationMs: -5 })),
    read: kept2,
    certify: /refused: .*less than no time/,
  },
  "one cell twice, the second saying otherwise": {
    make: () => run.write(...run.records(), run.record("b", { outcome: "fail", failure: { message: "no", details: {} } })),
    read: /^3 kept$/,
    certify: /^signed FAILED$/,
  },
  "a record of another run": {
    make: () => run.write(...run.records(), aRecord({ run: "two", test: "c" })),
    read: /^3 kept; records\.jsonl: 1 records say they are of run two, not one$/,
    certify: /refused: .*of run two/,
  },
  "an error of the harness": {
    make: () => run.write(run.records()[0], run.record("b", { outcome: "error", failure: { message: "QEMU died", details: {} } })),
    read: kept2,
    certify: /refused: .*1 cells ended in an error/,
  },
  "no records.jsonl": {
    make: () => rmSync(run.at("records.jsonl")),
    read: /^0 kept; records\.jsonl: the file is missing$/,
  },
  "a folder in its place": {
    make: () => (rmSync(run.at("records.jsonl")), mkdirSync(run.at("records.jsonl"))),
    read: /^0 kept; records\.jsonl: the file is missing$/,
  },
  "a pipe nobody writes to in its place": {
    make: () => (rmSync(run.at("records.jsonl")), execFileSync("mkfifo", [run.at("records.jsonl")])),
    read: /^0 kept; records\.jsonl: the file is missing$/,
  },
  "a link to endless zeros in its place": {
    make: () => (rmSync(run.at("records.jsonl")), symlinkSync("/dev/zero", run.at("records.jsonl"))),
    read: /^0 kept; records\.jsonl: the file is missing$/,
  },
};

const damagedRuns: Readonly<Record<string, Row>> = {
  "no run.json": {
    make: () => rmSync(run.at("run.json")),
    read: /^2 kept; run\.json: the file is missing$/,
    certify: /refused: .*run\.json/,
  },
  "half a run.json": {
    make: () => truncateSync(run.at("run.json"), 50),
    read: /^2 kept; run\.json: the file is not JSON$/,
  },
  "a run.json of the future": {
    make: () => writeFileSync(run.at("run.json"), JSON.stringify({ ...aRun(), schema: 3 })),
    read: /^refused: .*run\.json: schema version 3 is unknown/,
  },
  "a run.json that is a pipe": {
    make: () => (rmSync(run.at("run.json")), execFileSync("mkfifo", [run.at("run.json")])),
    read: /^2 kept; run\.json: the file is missing$/,
  },
  "a run that did not finish": {
    make: () => writeFileSync(run.at("run.json"), JSON.stringify({ ...aRun(), finished: undefined })),
    read: kept2,
    certify: /refused: .*did not finish/,
  },
  "a planned cell without a record": {
    make: () =>
      writeFileSync(
        run.at("run.json"),
        JSON.stringify(aRun({ planned: [{ image: "debian-ab", target: "x86_64", suite: "boot", test: "z" }] })),
      ),
    read: kept2,
    certify: /refused: .*1 planned cells have no outcome/,
  },
};

test.each(Object.entries({ ...damagedRecords, ...damagedRuns }))("records: %s", async (_, { make, read, certify = /^refused: / }) => {
  await make();
  const [all, oneByOne, signed] = [await reading(), await scanning(), await certifying(run.folder)];
  expect(all).toMatch(read);
  expect(signed).toMatch(certify);
  // Both readers say the same of the same file.
  if (!all.includes("run.json") && !all.includes("say they are"))
    expect(oneByOne.replaceAll(/\n.*/g, "")).toBe(all.replaceAll(/\n.*/g, ""));
  expect({}).not.toHaveProperty("outcome");
});
