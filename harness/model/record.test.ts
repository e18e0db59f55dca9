import { Ajv2020 } from "ajv/dist/2020.js";
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { outdatedJsonSchemas } from "./json-schemas.ts";
import { record, recordSchemaVersion, runProvenance } from "./record.ts";
import { readableVersions, unknownVersion, upgradeRecord, upgradeRun } from "./upgrade.ts";

const kept = (version: number, file: string) =>
  readFileSync(path.join(import.meta.dirname, "testdata", `records-${version}`, file), "utf8");
const linesOf = (version: number) =>
  kept(version, "records.jsonl")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("the published JSON Schemas are current; else: node harness/model/generate-json-schemas.ts", () => {
  expect(outdatedJsonSchemas()).toEqual([]);
});

test.each(readableVersions.filter((version) => version < recordSchemaVersion))(
  "real records of version %i are read, with all they say",
  (version) => {
    for (const line of linesOf(version)) {
      expect(line["schema"]).toBe(version);
      const { schema: _, machines: before, target: targetBefore, ...old } = line;
      const { schema, machines, target, ...now } = record.parse(upgradeRecord(line));
      expect(schema).toBe(recordSchemaVersion);
      expect(now).toEqual(old);
      expect(target).toMatchObject(targetBefore as object);
      expect(machines).toHaveLength((before as []).length);
    }
    const run = JSON.parse(kept(version, "run.json")) as object;
    expect(runProvenance.parse(upgradeRun(run))).toMatchObject({ ...run, schema: recordSchemaVersion });
  },
);

test("what a machine of version 1 came from is how it started, and its accelerator says what it is", () => {
  const [line] = linesOf(1);
  const from = (origin: string) => ({ ...line, machines: [{ from: origin, accelerator: "tcg", boots: [] }] });
  const { machines, target } = record.parse(upgradeRecord(from("boot")));
  expect(machines[0]?.start).toEqual({ kind: "booted" });
  expect(target.kind).toBe("emulated");
  expect(record.parse(upgradeRecord(from("moment"))).machines[0]?.start).toEqual({ kind: "forked" });
  expect(record.safeParse(upgradeRecord(from("nowhere"))).success).toBe(false);
});

test.each([undefined, 7, "gcc", 1.5, "2", null])(
  "a target under the accelerator %j is of no known kind, so never hardware",
  (accelerator) => {
    const upgraded = upgradeRecord({ schema: 1, target: { accelerator } }) as { target: { kind: string } };
    expect(upgraded.target.kind).toBe("unknown");
  },
);

test("a version nobody knows is told from one that is old, and from none", () => {
  expect([1, 2].map((schema) => unknownVersion({ schema }))).toEqual([undefined, undefined]);
  expect([3, 0, "2", 1.5, null].map((schema) => unknownVersion({ schema }))).toEqual([3, 0, "2", 1.5, null]);
  expect([{}, [], 7, null, "text"].map(unknownVersion)).toEqual([undefined, undefined, undefined, undefined, undefined]);
});

test("what is written is what the published schemas allow, by the word of another validator", () => {
  const schemaOf = (name: string) => JSON.parse(readFileSync(path.join(import.meta.dirname, name), "utf8")) as object;
  const ajv = new Ajv2020({ strict: false });
  const [isRecord, isRun] = [ajv.compile(schemaOf("record.schema.json")), ajv.compile(schemaOf("run.schema.json"))];
  for (const line of linesOf(1)) {
    const written = JSON.parse(JSON.stringify(record.parse(upgradeRecord(line)))) as object;
    expect(isRecord(written) || isRecord.errors).toBe(true);
    expect(isRecord({ ...written, outcome: "PASS" })).toBe(false);
    expect(isRecord({ ...written, verdict: "pass" })).toBe(false);
  }
  const run = JSON.parse(JSON.stringify(runProvenance.parse(upgradeRun(JSON.parse(kept(1, "run.json")))))) as object;
  expect(isRun(run) || isRun.errors).toBe(true);
  expect(isRun({ ...run, host: undefined })).toBe(false);
});

test("what the second version was first written as is read, too", () => {
  const capability = { name: "tpm2", present: true, reason: "the firmware says so" };
  const line = JSON.parse(kept(1, "records.jsonl").split("\n")[0] as string) as object;
  const now = record.parse(upgradeRecord(line));
  const machine = { start: { kind: "booted" }, accelerator: "tcg", capabilities: [capability], boots: [] };
  const read = record.parse(upgradeRecord({ ...now, schema: 2, machines: [machine, { ...machine, capabilities: [] }] }));
  expect(read.capabilities).toEqual([capability]);
  expect(read.machines.map((one) => Object.keys(one))).toEqual([
    ["start", "accelerator", "boots"],
    ["start", "accelerator", "boots"],
  ]);

  const run = runProvenance.parse(upgradeRun(JSON.parse(kept(1, "run.json"))));
  const environment = {
    ...{ image: "i", target: "t", kind: "emulated", arch: "x86_64", machine: "q35", cpu: "max", cores: 2, memoryMiB: 1024 },
    ...{ accelerator: "tcg", acceleratorReason: "proved", capabilities: [] },
    firmware: { name: "EDK2", digest: "ab", features: ["verbose-static"] },
    tpm: { device: "tpm-crb", banks: ["sha256"] },
  };
  const first = { ...run, schema: 2, commandLines: { ab: ["qemu"] }, environments: [environment] };
  expect(runProvenance.parse(upgradeRun(first)).environments[0]).toEqual({
    ...{ image: "i", target: "t", kind: "emulated", accelerator: "tcg", acceleratorReason: "proved", capabilities: [] },
    firmware: { name: "EDK2", digest: "ab", file: "" },
    description: { arch: "x86_64", machine: "q35", cpu: "max", cores: 2, memoryMiB: 1024, tpm: { device: "tpm-crb", banks: ["sha256"] } },
  });
});
