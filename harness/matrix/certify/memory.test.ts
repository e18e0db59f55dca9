import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../model/testdata/temporary.ts";
import { SignedRun } from "../fixtures/signed-run.ts";

const at = (file: string) => JSON.stringify(path.join(import.meta.dirname, file));

const program = `
import { generateKeyPairSync } from "node:crypto";
import { certifyRun } from ${at("certify.ts")};
import { verifyRun } from ${at("verify.ts")};
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const { files } = await certifyRun(process.argv[1], privateKey);
const { holds, counts } = await verifyRun(process.argv[1], publicKey);
console.log(JSON.stringify({ files, holds, counts }));`;

test("60,000 records and 256 MiB of evidence are signed and verified in a heap of 48 MiB", { timeout: 240_000 }, async () => {
  const run = await SignedRun.in(temporaryFolder());
  const line = readFileSync(run.at("records.jsonl"), "utf8").split("\n")[0]!;
  const [before = "", after = ""] = line.replace(/"evidence":\[.*\]/, '"evidence":[]').split('"test":"a"');
  for (let from = 0; from < 60_000; from += 10_000) {
    const lines = Array.from({ length: 10_000 }, (_, index) => `${before}"test":"claim ${from + index}"${after}\n`);
    appendFileSync(run.at("records.jsonl"), lines.join(""));
  }
  const large = Buffer.alloc(256 * 2 ** 20, "x");
  appendFileSync(run.at("records.jsonl"), `${JSON.stringify(run.recordOf("large", large))}\n`);
  const { stdout, stderr } = spawnSync(process.execPath, ["--max-old-space-size=48", "--input-type=module", "-e", program, run.folder], {
    encoding: "utf8",
  });
  expect(JSON.parse(stdout || JSON.stringify(stderr.slice(0, 500)))).toEqual({
    files: 5,
    holds: true,
    counts: { pass: 60_003, fail: 0, error: 0, "not-applicable": 0, "not-run": 0 },
  });
});
