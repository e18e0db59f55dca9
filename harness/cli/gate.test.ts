import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { aRecord, aRun, writeRun } from "../matrix/fixtures/small-run.ts";
import type { CellRecord } from "../model/record.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";

function gate(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(import.meta.dirname, "main.ts"), "gate", ...argv], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

const policy = `policy: release
expected:
  - { image: debian-ab, target: x86_64, suite: boot, tests: [reaches ready] }
waivers:
  - cells: { test: "reaches*" }
    reason: the console is slow
    owner: ann
    tracker: T-1
    expires: 2020-01-31
`;

test("the gate's exit code, its reasons shortest first, and the same as JSON", async () => {
  const folder = temporaryFolder();
  const run = (name: string, ...records: CellRecord[]) => writeRun(path.join(folder, name), records, aRun());
  const file = path.join(folder, "release.yaml");
  writeFileSync(file, policy);
  const good = await run("good", aRecord());
  expect(gate(good)).toMatchObject({ status: 0, stdout: "gate open (policy none; 1 pass)\n" });

  const failure = { message: "no login", details: {} };
  const bad = await run("bad", aRecord({ outcome: "fail", failure }), aRecord({ test: "b", outcome: "fail", failure }));
  const { status, stdout } = gate(bad, "--policy", file, "--baseline", good, "--json");
  const decision = JSON.parse(stdout) as { exitCode: number; reasons: { weight: string; text: string }[]; counts: object };
  expect({ status, exitCode: decision.exitCode, counts: decision.counts }).toEqual({
    status: 1,
    exitCode: 1,
    counts: { "new-failure": 1, regressed: 1 },
  });
  expect(decision.reasons).toMatchObject([
    { weight: "image", text: "new-failure: debian-ab × x86_64, boot › b: no login" },
    { weight: "image", text: expect.stringMatching(/^regressed: .*: no login; its waiver expired on 2020-01-31$/) },
    {
      weight: "note",
      text: expect.stringMatching(/^expired waiver: .*release\.yaml:5: the console is slow \(ann, T-1\), since 2020-01-31$/),
    },
  ]);

  const broken = await run("broken", aRecord({ test: "b" }));
  expect(gate(broken, "--policy", file)).toMatchObject({
    status: 2,
    stdout: expect.stringMatching(/^harness {2}missing: .*reaches ready.*\n.*\ngate closed/s),
  });
  expect(gate(path.join(folder, "nowhere"))).toMatchObject({ status: 2, stderr: expect.stringMatching(/there is no such folder/) });
});
