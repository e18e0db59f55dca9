import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatProblem } from "../model/errors.ts";
import { imageManifest, type ImageManifest } from "../model/image.ts";
import type { TargetManifest } from "../model/target.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { wordProblems } from "./image-words.ts";

const good = imageManifest.parse({
  image: "good",
  title: "t",
  os: "sysupdate",
  architectures: ["x86_64"],
  versions: [{ version: "1" }, { version: "2" }],
  updates: { address: "x" },
  extensions: [
    { name: "hello", kind: "sysext", file: "a", matches: true },
    { name: "greeting", kind: "confext", file: "b", matches: true },
  ],
});
const single = imageManifest.parse({ image: "single", title: "t", architectures: ["x86_64"], versions: [{ version: "1" }] });
const target = { target: "x86_64", lacks: {} } as TargetManifest;

async function problems(steps: string[], images: ImageManifest[] = [good], requires = "[]"): Promise<string[]> {
  const file = join(temporaryFolder(), "a.suite.yaml");
  const lines = steps.map((step) => `      - ${step}\n`).join("");
  writeFileSync(file, `suite: a\nrequires: ${requires}\ntests:\n  - test: t\n    steps:\n${lines}`);
  return (await wordProblems(file, images, [target])).map((one) => formatProblem(one).slice(file.length + 1));
}

test("versions and extensions that an image has are no problem, and none is none", async () => {
  const steps = [
    "update: next",
    'update: { to: "2" }',
    "check: { version: current, staged: none, available: none, tries: { never-good: 3-0 }, installed: [current, next] }",
    "sysext: { install: accepted, merged: [hello] }",
    "sysext: { kind: confext, present: greeting }",
    "sysext: refresh",
    "run: echo nxt",
    "rollback: current",
    "boot:",
  ];
  expect(await problems(steps)).toEqual([]);
});

test.each([
  ["update: nxt", '6:17: image good has no version "nxt"', 'did you mean "next"?'],
  ["rollback: { to: curent }", '6:25: image good has no version "curent"', 'did you mean "current"?'],
  ["check: { staged: nun }", '6:26: image good has no version "nun"', "known: current, next, never-good, 1, 2"],
  ["check: { tries: { nextt: 3-0 } }", '6:27: image good has no version "nextt"', 'did you mean "next"?'],
  ["check: { installed: [current, '3'] }", '6:39: image good has no version "3"', '"1"'],
  ["pcr: { predicted: frist }", '6:27: image good has no version "frist"', "known: current"],
  ["sysext: { install: acepted }", '6:28: image good has no sysext "acepted"', 'did you mean "accepted"?'],
  ["sysext: { merged: [greeting] }", '6:28: image good has no sysext "greeting"', "known: accepted"],
  ["sysext: { kind: confext, absent: hello }", '6:42: image good has no confext "hello"', "known: accepted"],
])("%s", async (step, place, remedy) => {
  const [said = "", ...more] = await problems([step]);
  expect(more).toEqual([]);
  expect(said).toContain(place);
  expect(said).toContain(remedy);
});

test("a word is judged once for all images, and not by those the test does not apply to", async () => {
  const other = { ...good, image: "other" };
  expect(await problems(["update: nxt"], [good, other])).toEqual([expect.stringContaining("nor do 1 more of the images asked for")]);
  expect(await problems(['update: "2"'], [good, single], "[updates]")).toEqual([]);
  expect(await problems(['check: { version: "2" }'], [good, single])).toEqual([expect.stringContaining('image single has no version "2"')]);
});
