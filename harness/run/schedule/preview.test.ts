import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../model/testdata/temporary.ts";
import { Expectations } from "../expectations.ts";
import { exampleRecord } from "../examples.ts";
import type { RunRequest } from "../request.ts";
import { planWords } from "../view/plan.ts";
import { previewOf } from "./preview.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
  for (const name of ["long", "short"])
    writeFileSync(join(folder, `${name}.suite.yaml`), `suite: ${name}\ntests:\n  - test: boots\n    steps:\n      - boot:\n`);
});
afterEach(() => void vi.unstubAllEnvs());

const request = (parts: Partial<RunRequest> = {}): RunRequest => ({
  suites: [folder],
  images: ["tiny"],
  targets: ["x86_64"],
  disk: {},
  out: join(folder, "out"),
  tools: "toolbox",
  filter: undefined,
  workers: undefined,
  retries: 0,
  command: ["run"],
  ...parts,
});

test("a plan is made of what this host learned, and makes nothing else", async () => {
  const known = await Expectations.open(join(folder, "cache/osbench"));
  const { image, target } = exampleRecord();
  const record = { image: { ...image, name: "tiny" }, target, durationMs: 90_000 };
  known.learn(exampleRecord({ ...record, suite: { name: "long", digest: "", file: "" } }));
  await known.save();
  const { preview } = await previewOf(request({ workers: 1 }));
  expect(preview).toMatchObject({ cells: 2, guessed: 1, machines: 1, reason: "--workers 1", expectedMs: 135_000, lowerBoundMs: 135_000 });
  expect(preview.units.map(({ suite, slot, fromMs, timed }) => ({ suite, slot, fromMs, timed }))).toEqual([
    { suite: "long", slot: 1, fromMs: 0, timed: 1 },
    { suite: "short", slot: 1, fromMs: 90_000, timed: 0 },
  ]);
  expect(existsSync(join(folder, "out"))).toBe(false);
  expect(readdirSync(join(folder, "cache/osbench"))).toEqual(["durations"]);
});

test("TypeScript suites are read without being run", async () => {
  const suites = [join(import.meta.dirname, "../testdata/suites/mixed.test.ts")];
  const { preview } = await previewOf(request({ suites }));
  expect(preview.units[0]?.tests).toContain("is broken");
});

test("what would be refused by the run is refused by the plan", async () => {
  await expect(previewOf(request({ images: ["tinny"] }))).rejects.toThrow(/did you mean "tiny"/);
  await expect(previewOf(request({ filter: "nothing like it" }))).rejects.toThrow(/no test's name contains/);
});

test("what was typed is kept with what it names", async () => {
  const { typed } = await previewOf(request({ images: ["tiny", "tiny"] }));
  expect([[...typed.images], [...typed.targets]]).toEqual([[["tiny", "tiny"]], [["x86_64", "x86_64"]]]);
});

test("each shard plans its own part", async () => {
  const shards = await Promise.all([1, 2, 3].map((index) => previewOf(request({ shard: { index, of: 3 } }))));
  expect(shards.map(({ preview }) => preview.cells)).toEqual([1, 1, 0]);
});

test("what the manifests rule out takes no time and no machine, and the plan says why", async () => {
  writeFileSync(
    join(folder, "long.suite.yaml"),
    "suite: long\nrequires: [updates]\ntests:\n  - test: boots\n    steps:\n      - boot:\n  - test: boots again\n    steps:\n      - boot:\n",
  );
  const { preview } = await previewOf(request({ workers: 1 }));
  expect(preview).toMatchObject({ cells: 3, guessed: 1, expectedMs: 45_000 });
  expect(preview.units.map(({ suite, expectedMs, ruledOut }) => ({ suite, expectedMs, ruledOut }))).toEqual([
    { suite: "short", expectedMs: 45_000, ruledOut: undefined },
    { suite: "long", expectedMs: 0, ruledOut: "updates: the manifest of tiny says os: none, which has no updater" },
  ]);
  const words = planWords(preview, (_, text) => text);
  expect(words).toContain("not applicable: long on tiny × x86_64: updates: the manifest of tiny says os: none");
  expect(words).not.toMatch(/long +2 claims/);
});
