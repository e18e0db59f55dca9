import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { ownFolder } from "../host/place.ts";
import { InputError } from "../model/errors.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { checkRequest, spaceProblems } from "./check.ts";
import type { RunRequest } from "./request.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, "empty"));
  writeFileSync(join(folder, "good.suite.yaml"), "suite: good\ntests:\n  - test: boots\n    steps:\n      - boot:\n");
});

const free = () => Promise.resolve({ name: "run", [Symbol.asyncDispose]: () => Promise.resolve() });
const request = (parts: Partial<RunRequest>): RunRequest => ({
  suites: [join(folder, "good.suite.yaml")],
  images: ["tiny"],
  targets: ["x86_64"],
  disk: {},
  out: undefined,
  tools: "toolbox",
  filter: undefined,
  workers: undefined,
  retries: 0,
  command: ["run"],
  ...parts,
});

/** The usual target, with more memory. */
const hungry = (memory: number) =>
  readFileSync(join(ownFolder, "harness/qemu/targets/x86_64.yaml"), "utf8")
    .replace(/^target: .*/m, "target: hungry")
    .replace(/^machine: .*/m, `$&\nmemory: ${memory}`);

async function problemsOf(parts: Partial<RunRequest>, out = join(folder, "out"), claim = free): Promise<string> {
  return checkRequest(request(parts), out, { claimHost: claim }).then(
    () => "",
    (error: unknown) => {
      if (error instanceof InputError) return error.message;
      throw error;
    },
  );
}

test("sound input is found", async () => {
  const checked = await checkRequest(request({}), join(folder, "out"), { claimHost: free });
  expect(checked.suites[0]).toMatchObject({ source: { name: "good" }, tests: ["boots"] });
  expect(checked.images[0]?.name).toBe("tiny");
  expect(checked.targets[0]?.arch).toBe("x86_64");
});

test("names every problem at once: suites, images, targets, output, workers, the host", async () => {
  mkdirSync(join(folder, "taken"));
  writeFileSync(join(folder, "taken/run.json"), "{}");
  writeFileSync(join(folder, "bad.suite.yaml"), "suite: bad\ntests:\n  - test: a\n    steps:\n      - cheque: {}\n");
  writeFileSync(join(folder, "zero.raw"), Buffer.alloc(4096));
  const text = await problemsOf(
    {
      suites: [join(folder, "empty"), join(folder, "nowhere"), join(folder, "bad.suite.yaml")],
      images: ["tinny", join(folder, "zero.raw")],
      targets: ["x86_64", "x86_46"],
      workers: 0,
    },
    join(folder, "taken"),
    () => Promise.reject(new InputError([{ at: { flag: "osbench" }, what: "this host is taken" }])),
  );
  expect(text).toContain("empty: the folder holds no suite");
  expect(text).toContain("nowhere: there is no such file");
  expect(text).toMatch(/bad\.suite\.yaml:5:9: unknown key `cheque`/);
  expect(text).toMatch(/--image: unknown image "tinny"\n.*did you mean "tiny"/);
  expect(text).toContain("zero.raw is no bootable image");
  expect(text).toContain('--target: unknown target "x86_46"');
  expect(text).toContain("--workers: no machine could run");
  expect(text).toContain("already holds a run (run.json)");
  expect(text).toContain("this host is taken");
});

test("a version no image has is said at its place, before anything starts", async () => {
  writeFileSync(join(folder, "typo.suite.yaml"), "suite: typo\ntests:\n  - test: a\n    steps:\n      - check: { version: curent }\n");
  const text = await problemsOf({ suites: [join(folder, "typo.suite.yaml")] });
  expect(text).toMatch(/typo\.suite\.yaml:5:27: image tiny has no version "curent"[^]*did you mean "current"\?/);
});

test("a machine that can never fit is refused before anything is built", async () => {
  writeFileSync(join(folder, "hungry.yaml"), hungry(80_000_000));
  expect(await problemsOf({ targets: ["x86_64", join(folder, "hungry.yaml")] })).toMatch(
    /a machine for tiny × hungry does not fit on this host: it has 80000000 MiB/,
  );
});

test("two images of one name would hide each other's results, and a flag describes no image that describes itself", async () => {
  const text = await problemsOf({ images: ["tiny", join(ownFolder, "images/tiny")], disk: { memory: 2048 } });
  expect(text).toMatch(/--memory: describes a disk given by its path, and image tiny has a manifest/);
  expect(await problemsOf({ images: ["tiny", join(ownFolder, "images/tiny")] })).toMatch(
    /--image: .* is called "tiny", as is .*tiny\/image\.yaml/,
  );
});

test("two suites of one name would hide each other's results", async () => {
  writeFileSync(join(folder, "again.suite.yaml"), "suite: good\ntests:\n  - test: boots\n    steps:\n      - boot:\n");
  expect(await problemsOf({ suites: [folder] })).toMatch(/good\.suite\.yaml: the suite is called "good", as is .*again\.suite\.yaml/);
});

test("an output folder that is a file, lies below one, or where nobody may write, is refused", async () => {
  writeFileSync(join(folder, "file"), "");
  for (const out of ["file", "file/below"]) expect(await problemsOf({}, join(folder, out))).toContain("file is not a folder");
  chmodSync(join(folder, "empty"), 0o555);
  const refused = await problemsOf({}, join(folder, "empty/out"));
  // Nothing is closed to root.
  expect(refused).toMatch(process.getuid?.() === 0 ? /^$/ : /--out: .*empty cannot be written to/);
});

test("needs on one file system add up, and a full disk is said with where it is full", async () => {
  const [problem, ...others] = await spaceProblems([
    { folder, bytes: 2 ** 60, what: "evidence" },
    { folder, bytes: 2 ** 60, what: "the cache" },
  ]);
  expect(others).toEqual([]);
  expect(problem?.what).toMatch(new RegExp(`needs at least ${2 ** 41} MiB \\(evidence in .*, the cache in .*\\)`));
  expect(await spaceProblems([{ folder, bytes: 1, what: "evidence" }])).toEqual([]);
});
