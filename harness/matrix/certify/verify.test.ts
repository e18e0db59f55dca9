import { generateKeyPairSync } from "node:crypto";
import { appendFileSync, cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../model/testdata/temporary.ts";
import { EvidentRun, evidenceBytes } from "../fixtures/evident-run.ts";
import { aRecord, aRun, writeRun } from "../fixtures/small-run.ts";
import { bundleFile } from "./bundle.ts";
import { certifyRun } from "./certify.ts";
import { seal, type Envelope } from "./dsse.ts";
import type { RunStatement, TestResultStatement } from "./statement.ts";
import { verifyRun } from "./verify.ts";

const { privateKey: key, publicKey } = generateKeyPairSync("ed25519");
const stranger = generateKeyPairSync("ed25519");

let run: EvidentRun;
beforeEach(async () => {
  run = await EvidentRun.in(temporaryFolder());
});

interface Statements {
  readonly testResult: TestResultStatement;
  readonly run: RunStatement;
}
const bundle = () =>
  readFileSync(run.at(bundleFile), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Envelope);
const rebundle = (...envelopes: readonly unknown[]) =>
  writeFileSync(run.at(bundleFile), envelopes.map((one) => `${JSON.stringify(one)}\n`).join(""));
const payloads = (): Statements => {
  const [testResult, whole] = bundle().map(({ payload }) => JSON.parse(Buffer.from(payload, "base64").toString("utf8")) as never);
  return { testResult: testResult!, run: whole! };
};
/** Signs other statements than certify would have. */
const lie = (change: (statements: Statements) => void, as = key) => {
  const statements = structuredClone(payloads());
  change(statements);
  rebundle(seal(JSON.stringify(statements.testResult), as), seal(JSON.stringify(statements.run), as));
};

const tampered: Readonly<Record<string, [make: () => unknown, problem: RegExp]>> = {
  "a record changed after signing": [
    () => writeFileSync(run.at("records.jsonl"), readFileSync(run.at("records.jsonl"), "utf8").replace('"pass"', '"fail"')),
    /records\.jsonl: its bytes are not those/,
  ],
  "a record added after signing": [
    () => appendFileSync(run.at("records.jsonl"), `${JSON.stringify(aRecord())}\n`),
    /records\.jsonl: has \d+ bytes, \d+ were recorded/,
  ],
  "run.json changed after signing": [() => appendFileSync(run.at("run.json"), " "), /run\.json: has/],
  "evidence changed after signing": [
    () => writeFileSync(run.at("evidence/a/console.raw"), evidenceBytes.toUpperCase()),
    /a\/console\.raw: its bytes are not those/,
  ],
  "evidence removed after signing": [() => unlinkSync(run.at("evidence/a/console.raw")), /a\/console\.raw: the file is missing/],
  "evidence replaced by a link to the same bytes": [
    () => (
      renameSync(run.at("evidence/a/console.raw"), path.join(run.top, "moved")),
      symlinkSync(path.join(run.top, "moved"), run.at("evidence/a/console.raw"))
    ),
    /a\/console\.raw: the path leaves the run directory/,
  ],
  "a payload changed after signing": [
    () => {
      const [first, second] = bundle();
      const text = Buffer.from(first!.payload, "base64").toString("utf8").replace('"PASSED"', '"FAILED"');
      rebundle({ ...first, payload: Buffer.from(text).toString("base64") }, second);
    },
    /changed after it was signed/,
  ],
  "signatures swapped between the two statements": [
    () => {
      const [first, second] = bundle();
      rebundle({ ...first, signatures: second!.signatures }, { ...second, signatures: first!.signatures });
    },
    /changed after it was signed/,
  ],
  "everything signed anew with a stranger's key": [() => lie(() => {}, stranger.privateKey), /it is not signed by this key/],
  "a stranger's signature under the signer's name": [
    () => {
      const named = bundle()[0]!.signatures[0]!.keyid;
      lie(() => {}, stranger.privateKey);
      rebundle(...bundle().map((one) => ({ ...one, signatures: one.signatures.map((signature) => ({ ...signature, keyid: named })) })));
    },
    /changed after it was signed/,
  ],
  "one of the two statements left out": [() => rebundle(bundle()[1]), /it has no statement of the kind https:\/\/in-toto/],
  "a statement twice": [() => rebundle(...bundle(), bundle()[0]), /a second statement of the kind/],
  "the certificate of another run": [
    async () => {
      const other = path.join(run.top, "two");
      mkdirSync(path.join(other, "evidence"), { recursive: true });
      cpSync(run.at("evidence"), path.join(other, "evidence"), { recursive: true });
      await writeRun(other, [run.record("a", { run: "two" })], aRun({ run: "two" }));
      await certifyRun(other, key);
      cpSync(path.join(other, bundleFile), run.at(bundleFile));
    },
    /records\.jsonl: has/,
  ],
  "the statements of two runs in one": [
    async () => {
      const [, own] = bundle();
      const other = path.join(run.top, "two");
      await writeRun(other, [run.record("a", { run: "two", evidence: [] })], aRun({ run: "two" }));
      await certifyRun(other, key);
      const [foreign] = readFileSync(path.join(other, bundleFile), "utf8").split("\n");
      rebundle(JSON.parse(foreign!), own);
    },
    /its statements are about different runs: two and one/,
  ],
  "a signer who claims hardware for an emulator": [
    () => lie(({ testResult, run: whole }) => (testResult.predicate.osbench.hardware = whole.predicate.hardware = true)),
    /it claims of hardware what its records do not say/,
  ],
  "a signer who claims hardware in one statement alone": [
    () => lie(({ testResult }) => (testResult.predicate.osbench.hardware = true)),
    /its result is not what its records say/,
  ],
  "a signer who leaves a test out": [() => lie(({ run: whole }) => whole.predicate.cells.pop()), /its cells are not what its records say/],
  "a signer who claims a test more": [
    () => lie(({ testResult }) => testResult.predicate.passedTests.push("x")),
    /its result is not what its records say/,
  ],
  "a signer who names another image": [
    () => lie(({ testResult, run: whole }) => (testResult.subject[0]!.digest = whole.subject[0]!.digest = { sha256: "00" })),
    /its subjects are not what was tested/,
  ],
  "a signer who does not cover the records": [
    () => lie(({ run: whole }) => (whole.predicate.files = whole.predicate.files.filter((file) => file.path !== "records.jsonl"))),
    /records\.jsonl: is not covered/,
  ],
  "a signer who does not cover a piece of evidence": [
    () => lie(({ run: whole }) => (whole.predicate.files = whole.predicate.files.filter((file) => !file.path.includes("/a/")))),
    /a\/console\.raw: a record names it, and the certificate does not cover it/,
  ],
  "a signed path out of the run directory": [
    () => lie(({ run: whole }) => whole.predicate.files.push({ path: "../../../etc/hostname", bytes: 1, sha256: "00" })),
    /hostname: the path leaves the run directory/,
  ],
};

test.each(Object.entries(tampered))("certificate: %s", async (_, [make, problem]) => {
  await certifyRun(run.folder, key);
  expect(await verifyRun(run.folder, publicKey)).toMatchObject({ holds: true, result: "PASSED", hardware: false });
  await make();
  const { holds, problems } = await verifyRun(run.folder, publicKey);
  expect({ holds, problems: problems.join("\n") }).toEqual({ holds: false, problems: expect.stringMatching(problem) });
});

test.each([
  ["nothing", () => unlinkSync(run.at(bundleFile)), /there is no certificate: ENOENT/],
  ["half a line", () => truncateSync(run.at(bundleFile), 100), /:1: is no signed in-toto statement/],
  ["no signature", () => rebundle({ ...bundle()[0], signatures: [] }), /:1: is no signed in-toto statement: signatures/],
  [
    "another type of payload",
    () => rebundle({ ...bundle()[0], payloadType: "text/plain" }),
    /:1: is no signed in-toto statement: payloadType/,
  ],
  ["a pipe", () => (unlinkSync(run.at(bundleFile)), mkdirSync(run.at(bundleFile))), /is no regular file/],
])("certificate: %s is no certificate", async (_, make, message) => {
  await certifyRun(run.folder, key);
  make();
  await expect(verifyRun(run.folder, publicKey)).rejects.toThrow(message);
});

test("a certified run that is moved or copied elsewhere still holds", async () => {
  await certifyRun(run.folder, key);
  const elsewhere = path.join(run.top, "archive/2026");
  cpSync(run.folder, elsewhere, { recursive: true });
  expect(await verifyRun(elsewhere, publicKey)).toMatchObject({ holds: true, files: 4, uncovered: [] });
  expect(await verifyRun(path.join(elsewhere, bundleFile), publicKey)).toMatchObject({ holds: true });
});

test("evidence no record names is said, for it proves nothing", async () => {
  await certifyRun(run.folder, key);
  writeFileSync(run.at("evidence/planted.txt"), "all well");
  expect(await verifyRun(run.folder, publicKey)).toMatchObject({ holds: true, uncovered: ["evidence/planted.txt"] });
});

test.each([
  ["an emulator that calls itself hardware", { kind: "hardware", accelerator: "tcg" }, false],
  ["a virtual machine that calls itself hardware", { kind: "hardware", accelerator: "kvm" }, false],
  ["a container that calls itself hardware", { kind: "hardware", accelerator: "native" }, false],
  ["a machine of unknown kind", { kind: "unknown", accelerator: "none" }, false],
  ["an emulator in capitals", { kind: "hardware", accelerator: " TCG" }, false],
  ["another system's hypervisor", { kind: "hardware", accelerator: "hvf" }, false],
  ["what has an emulated TPM", { kind: "hardware", accelerator: "none", tpm: "swtpm 0.10.0, tpm-crb" }, false],
  ["a board", { kind: "hardware", accelerator: "none" }, true],
] as const)("%s", async (_, target, hardware) => {
  const about = { target: { ...aRecord().target, ...target } };
  await run.write(run.record("a", about), run.record("b", about));
  await certifyRun(run.folder, key);
  const found = await verifyRun(run.folder, publicKey);
  expect(found).toMatchObject({ holds: true, hardware });
  expect(found.notice).toMatch(hardware ? /Every result was made on real hardware/ : /This certifies no hardware\.$/);
});

test("more than one certificate may hold is refused before it is made", async () => {
  const test = "x".repeat(1024 * 1024);
  const long = Array.from({ length: 101 }, (_, index) => aRecord({ test: `${index} ${test}` }));
  await run.write(...long);
  await expect(certifyRun(run.folder, key)).rejects.toThrow(/its 101 cells make a certificate of \d+ bytes, more than the 268435456/);
});

test("a board whose machine ran by an emulator's means is none", async () => {
  const machines = [{ start: { kind: "booted" as const }, accelerator: "tcg", boots: [] }];
  await run.write(run.record("a", { target: { ...aRecord().target, kind: "hardware", accelerator: "none" }, machines }));
  expect((await certifyRun(run.folder, key)).hardware).toBe(false);
  expect(payloads().testResult.predicate.passedTests).toEqual(["debian-ab 1 × x86_64 (machine of unknown kind): boot › a"]);
});

test("one emulated result among those of boards is enough to certify no hardware", async () => {
  await run.write(run.record("a", { target: { ...aRecord().target, kind: "hardware", accelerator: "none" } }), run.record("b"));
  const { hardware, notice } = await certifyRun(run.folder, key);
  expect({ hardware, notice }).toEqual({ hardware: false, notice: "Results were made on: emulated machine. This certifies no hardware." });
  const names = payloads().testResult.predicate.passedTests;
  expect(names).toEqual(["debian-ab 1 × x86_64 (hardware): boot › a", "debian-ab 1 × x86_64 (emulated machine): boot › b"]);
});
