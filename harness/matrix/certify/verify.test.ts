import { createHash, generateKeyPairSync } from "node:crypto";
import { appendFileSync, cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../model/testdata/temporary.ts";
import { evidenceBytes } from "../fixtures/evident-run.ts";
import { SignedRun } from "../fixtures/signed-run.ts";
import { aRecord, aRun, writeRun } from "../fixtures/small-run.ts";
import { bundleFile } from "./bundle.ts";

const stranger = generateKeyPairSync("ed25519");

let run: SignedRun;
beforeEach(async () => {
  run = await SignedRun.in(temporaryFolder());
});

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
      const [first, second] = run.bundle();
      const text = Buffer.from(first!.payload, "base64").toString("utf8").replace('"PASSED"', '"FAILED"');
      run.rebundle({ ...first, payload: Buffer.from(text).toString("base64") }, second);
    },
    /changed after it was signed/,
  ],
  "signatures swapped between the two statements": [
    () => {
      const [first, second] = run.bundle();
      run.rebundle({ ...first, signatures: second!.signatures }, { ...second, signatures: first!.signatures });
    },
    /changed after it was signed/,
  ],
  "everything signed anew with a stranger's key": [() => run.lie(() => {}, stranger.privateKey), /it is not signed by this key/],
  "a stranger's signature under the signer's name": [
    () => {
      const named = run.bundle()[0]!.signatures[0]!.keyid;
      run.lie(() => {}, stranger.privateKey);
      run.rebundle(
        ...run.bundle().map((one) => ({ ...one, signatures: one.signatures.map((signature) => ({ ...signature, keyid: named })) })),
      );
    },
    /changed after it was signed/,
  ],
  "one of the two statements left out": [() => run.rebundle(run.bundle()[1]), /it has no statement of the kind https:\/\/in-toto/],
  "a statement twice": [() => run.rebundle(...run.bundle(), run.bundle()[0]), /a second statement of the kind/],
  "the certificate of another run": [
    async () => {
      const other = path.join(run.top, "two");
      mkdirSync(path.join(other, "evidence"), { recursive: true });
      cpSync(run.at("evidence"), path.join(other, "evidence"), { recursive: true });
      await writeRun(other, [run.record("a", { run: "two" })], aRun({ run: "two" }));
      await run.certify(other);
      cpSync(path.join(other, bundleFile), run.at(bundleFile));
    },
    /records\.jsonl: has/,
  ],
  "the statements of two runs in one": [
    async () => {
      const [, own] = run.bundle();
      const other = path.join(run.top, "two");
      await writeRun(other, [run.record("a", { run: "two", evidence: [] })], aRun({ run: "two" }));
      await run.certify(other);
      const [foreign] = readFileSync(path.join(other, bundleFile), "utf8").split("\n");
      run.rebundle(JSON.parse(foreign!), own);
    },
    /its statements are about different runs: two and one/,
  ],
  "a signer who claims hardware for an emulator": [
    () => run.lie(({ testResult, run: whole }) => (testResult.predicate.osbench.hardware = whole.predicate.hardware = true)),
    /it claims of hardware what its records do not say/,
  ],
  "a signer who claims hardware in one statement alone": [
    () => run.lie(({ testResult }) => (testResult.predicate.osbench.hardware = true)),
    /its result is not what its records say/,
  ],
  "a signer who leaves a test out": [
    () => run.lie(({ run: whole }) => whole.predicate.cells!.pop()),
    /its cells are not what its records say/,
  ],
  "a signer who claims a test more": [
    () => run.lie(({ testResult }) => testResult.predicate.passedTests!.push("x")),
    /its result is not what its records say/,
  ],
  "a signer who names another image": [
    () => run.lie(({ testResult, run: whole }) => (testResult.subject[0]!.digest = whole.subject[0]!.digest = { sha256: "00" })),
    /its subjects are not what was tested/,
  ],
  "a signer who does not cover the records": [
    () => run.lie(({ run: whole }) => (whole.predicate.files = whole.predicate.files.filter((file) => file.path !== "records.jsonl"))),
    /records\.jsonl: is not covered/,
  ],
  "a signer who does not cover a piece of evidence": [
    () => run.lie(({ run: whole }) => (whole.predicate.files = whole.predicate.files.filter((file) => !file.path.includes("/a/")))),
    /a\/console\.raw: a record names it, and the certificate does not cover it/,
  ],
  "a signed path out of the run directory": [
    () => run.lie(({ run: whole }) => whole.predicate.files.push({ path: "../../../etc/hostname", bytes: 1, sha256: "00" })),
    /hostname: the path leaves the run directory/,
  ],
};

test.each(Object.entries(tampered))("certificate: %s", async (_, [make, problem]) => {
  await run.certify();
  expect(await run.verify()).toMatchObject({ holds: true, result: "PASSED", hardware: false });
  await make();
  const { holds, problems } = await run.verify();
  expect({ holds, problems: problems.join("\n") }).toEqual({ holds: false, problems: expect.stringMatching(problem) });
});

test.each([
  ["nothing", () => unlinkSync(run.at(bundleFile)), /there is no certificate: ENOENT/],
  ["half a line", () => truncateSync(run.at(bundleFile), 100), /:1: is no signed in-toto statement/],
  ["no signature", () => run.rebundle({ ...run.bundle()[0], signatures: [] }), /:1: is no signed in-toto statement: signatures/],
  [
    "another type of payload",
    () => run.rebundle({ ...run.bundle()[0], payloadType: "text/plain" }),
    /:1: is no signed in-toto statement: payloadType/,
  ],
  ["a pipe", () => (unlinkSync(run.at(bundleFile)), mkdirSync(run.at(bundleFile))), /is no regular file/],
])("certificate: %s is no certificate", async (_, make, message) => {
  await run.certify();
  make();
  await expect(run.verify()).rejects.toThrow(message);
});

test("a certified run that is moved or copied elsewhere still holds", async () => {
  await run.certify();
  const elsewhere = path.join(run.top, "archive/2026");
  cpSync(run.folder, elsewhere, { recursive: true });
  expect(await run.verify(elsewhere)).toMatchObject({ holds: true, files: 4, uncovered: [] });
  expect(await run.verify(path.join(elsewhere, bundleFile))).toMatchObject({ holds: true });
});

test("evidence no record names is said, for it proves nothing", async () => {
  await run.certify();
  writeFileSync(run.at("evidence/planted.txt"), "all well");
  expect(await run.verify()).toMatchObject({ holds: true, uncovered: ["evidence/planted.txt"] });
});

test("evidence that is not what its record says is no evidence, whatever the signer says of it", async () => {
  await run.certify();
  const other = createHash("sha256").update("other").digest("hex");
  const records = readFileSync(run.at("records.jsonl"), "utf8").replace(/"sha256":"[0-9a-f]{64}"/, `"sha256":"${other}"`);
  writeFileSync(run.at("records.jsonl"), records);
  const sha256 = createHash("sha256").update(records).digest("hex");
  run.lie(({ run: whole }) => (whole.predicate.files.find((file) => file.path === "records.jsonl")!.sha256 = sha256));
  expect(await run.verify()).toMatchObject({
    holds: false,
    problems: ["evidence/a/console.raw: its bytes are not those that were recorded (boot › a)"],
  });
});
