import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { appendFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { EvidentRun } from "../matrix/fixtures/evident-run.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";

function osbench(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(import.meta.dirname, "main.ts"), ...argv], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

test("certify and verify: exit codes, words for people, JSON for programs", async () => {
  const top = temporaryFolder();
  const run = await EvidentRun.in(top);
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const [key, pub] = [path.join(top, "key.pem"), path.join(top, "key.pub")];
  writeFileSync(key, privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(pub, publicKey.export({ type: "spki", format: "pem" }));

  expect(osbench("verify", run.folder, "--key", pub)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/there is no certificate/),
  });
  const signed = osbench("certify", run.folder, "--key", key);
  expect(signed).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^PASSED {2}one: 4 files, .*\n.*certifies no hardware\.\n.*certificate\.intoto\.jsonl\n$/),
  });
  expect(osbench("verify", run.folder, "--key", pub)).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^PASSED {2}one: 2 pass\n.*4 files are as/),
  });
  const asHardware = osbench("verify", run.folder, "--key", pub, "--hardware", "--json");
  expect(asHardware.status).toBe(1);
  expect(JSON.parse(asHardware.stdout)).toMatchObject([{ holds: true, result: "PASSED", hardware: false, counts: { pass: 2 } }]);
  appendFileSync(run.at("evidence/a/console.raw"), "more");
  expect(osbench("verify", run.folder, "--key", pub)).toMatchObject({
    status: 2,
    stdout: expect.stringMatching(/^does not hold: .*\n.*has 26 bytes/),
  });
  expect(osbench("certify", run.folder, "--key", key)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/has 26 bytes, 22 were recorded/),
  });
  expect(osbench("certify", run.folder, "--key", pub)).toMatchObject({ status: 2, stderr: expect.stringMatching(/is a public key/) });

  await run.write(run.record("a", { outcome: "fail", failure: { message: "no", details: {} } }));
  expect(osbench("certify", run.folder, "--key", key)).toMatchObject({ status: 1, stdout: expect.stringMatching(/^FAILED/) });
  expect(osbench("verify", run.folder, "--key", pub).status).toBe(1);
});
