import { execa } from "execa";
import { expect, test } from "vitest";
import { exampleRecord } from "./examples.ts";
import { junitOf } from "./junit.ts";

const evidence = [{ name: "console.cast", path: "evidence/c/console.cast", sha256: "00", bytes: 1 }];
const records = [
  exampleRecord({ test: "holds" }),
  exampleRecord({
    test: 'says "<&>"',
    outcome: "fail",
    failure: { message: "no\u001b[31m prompt\nat all", at: "a.yaml:3:5", details: { screen: "grub> \u0000" } },
    evidence,
  }),
  exampleRecord({ test: "broke", outcome: "error", failure: { message: "QEMU died", details: {} } }),
  exampleRecord({ test: "no TPM", outcome: "not-applicable", reason: "tpm2: none" }),
  exampleRecord({ test: "never", outcome: "not-run", reason: "interrupted", target: { ...exampleRecord().target, name: "riscv64" } }),
];

test("every outcome has its place, and a cell that did not run is no harmless skip", () => {
  const xml = junitOf("r", records);
  expect(xml).toContain('<testsuites name="osbench r" tests="5" failures="1" errors="2" skipped="1"');
  expect(xml).toContain('<testsuite name="boot (debian-ab × riscv64)"');
  expect(xml).toMatch(/name="holds" [^>]*\/>/);
  expect(xml).toMatch(/<error message="interrupted" type="not-run">/);
  expect(xml).toMatch(/<skipped message="tpm2: none">/);
  expect(xml).toContain("[[ATTACHMENT|evidence/c/console.cast]]");
});

test("a real XML parser reads it, escape codes of a console included", async () => {
  const program = "import sys, xml.etree.ElementTree as t; print([c.get('name') for c in t.parse(sys.stdin).iter('testcase')])";
  const { stdout } = await execa("python3", ["-c", program], { input: junitOf("r", records) });
  expect(stdout).toBe(`['holds', 'says "<&>"', 'broke', 'no TPM', 'never']`);
});
