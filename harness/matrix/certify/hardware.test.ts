import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../model/testdata/temporary.ts";
import { SignedRun } from "../fixtures/signed-run.ts";
import { aRecord } from "../fixtures/small-run.ts";

let run: SignedRun;
beforeEach(async () => {
  run = await SignedRun.in(temporaryFolder());
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
  await run.certify();
  const found = await run.verify();
  expect(found).toMatchObject({ holds: true, hardware });
  expect(found.notice).toMatch(hardware ? /Every result was made on real hardware/ : /This certifies no hardware\.$/);
});

test("a board whose machine ran by an emulator's means is none", async () => {
  const machines = [{ start: { kind: "booted" as const }, accelerator: "tcg", boots: [] }];
  await run.write(run.record("a", { target: { ...aRecord().target, kind: "hardware", accelerator: "none" }, machines }));
  expect((await run.certify()).hardware).toBe(false);
  expect(run.statements().testResult.predicate.passedTests).toEqual(["debian-ab 1 × x86_64 (machine of unknown kind): boot › a"]);
});

test("one emulated result among those of boards is enough to certify no hardware", async () => {
  await run.write(run.record("a", { target: { ...aRecord().target, kind: "hardware", accelerator: "none" } }), run.record("b"));
  const { hardware, notice } = await run.certify();
  expect({ hardware, notice }).toEqual({ hardware: false, notice: "Results were made on: emulated machine. This certifies no hardware." });
  const names = run.statements().testResult.predicate.passedTests;
  expect(names).toEqual(["debian-ab 1 × x86_64 (hardware): boot › a", "debian-ab 1 × x86_64 (emulated machine): boot › b"]);
});
