import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "./testdata/temporary.ts";
import { InputError } from "./errors.ts";
import { loadYaml, parseYaml } from "./yaml.ts";

const schema = z.strictObject({
  name: z.string().describe("What it is called"),
  kind: z.enum(["disk", "uki"]).default("disk"),
  sizes: z.array(z.number().int()).default([]),
  parts: z.array(z.strictObject({ file: z.string(), format: z.string().optional() })).optional(),
  env: z.record(z.string(), z.string()).default({}),
  step: z.union([z.string(), z.strictObject({ run: z.string(), code: z.number().default(0) })]).optional(),
});

/** Everything wrong with a text, as it is printed. */
function complaints(text: string): string {
  try {
    parseYaml(text, "x.yaml", schema);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return "nothing";
}

test("a good file gives its value, defaults filled in, and knows where everything stands", () => {
  const loaded = parseYaml("name: a\nparts:\n  - file: b\n  - { file: c }\n", "x.yaml", schema);
  expect(loaded.value).toMatchObject({ name: "a", kind: "disk", parts: [{ file: "b" }, { file: "c" }] });
  expect(loaded.at(["parts", 1, "file"])).toEqual({ file: "x.yaml", line: 4, column: 13 });
  expect(loaded.at(["parts", 1, "file"], "key")).toEqual({ file: "x.yaml", line: 4, column: 7 });
  expect(loaded.at(["parts", 0, "format"])).toEqual({ file: "x.yaml", line: 3, column: 5 });
  expect(loaded.problem(["name"], "is taken", "Take another.")).toEqual({
    at: { file: "x.yaml", line: 1, column: 7 },
    what: "is taken",
    remedy: "Take another.",
    frame: "    1 | name: a\n      |       ^",
  });
});

test("an unknown key is underlined and the nearest known one named", () => {
  expect(complaints("name: a\nparts:\n  - { file: x, fromat: raw }\n")).toBe(
    [
      "x.yaml:3:16: unknown key `fromat`",
      "    3 |   - { file: x, fromat: raw }",
      "      |                ^^^^^^",
      "  Did you mean `format`?",
    ].join("\n"),
  );
});

test("an unknown key nothing is near to is told what is known", () => {
  expect(complaints("name: a\nzebra: 1\n")).toContain("Known here: name, kind, sizes, parts, env, step");
});

test.each([
  ["name: 7\n", "x.yaml:1:7: `name` must be text, this is the number 7", 'Put it in quotes: "7"'],
  ["kind: uki\n", "x.yaml:1:1: key `name` is missing", "Expected text. What it is called"],
  ["name: a\nkind: dsk\n", 'x.yaml:2:7: `kind` cannot be "dsk"', 'Did you mean "disk"? One of: disk, uki.'],
  ["name: a\nsizes: 4\n", "x.yaml:2:8: `sizes` must be a list (`- item` lines or [a, b]), this is the number 4", ""],
  ["name: a\nsizes: [1, 2.5]\n", "x.yaml:2:12: item 2 of `sizes` must be a whole number, this is the number 2.5", ""],
  ["name: a\nenv: { A: yes, B: 1 }\n", "x.yaml:2:19: `B` must be text, this is the number 1", 'Put it in quotes: "1"'],
  ["name: a\nstep: { run: x, cod: 1 }\n", "x.yaml:2:17: unknown key `cod`", "Did you mean `code`?"],
  ["name:\n", "x.yaml:1:6: `name` must be text, this is empty", ""],
  ["[1]\n", "x.yaml:1:1: the document must be a mapping (`key: value` lines), this is a list", ""],
  ["", "x.yaml:1:1: the document must be a mapping (`key: value` lines), this is empty", "Its keys are: name, kind,"],
  ["a: *\n", "x.yaml:1:4: not valid YAML: Alias cannot be an empty string", "needs quotes"],
])("%j: %s", (text, first, remedy) => {
  const said = complaints(text);
  expect(said.split("\n")[0]).toBe(first);
  expect(said).toContain(remedy);
});

test("all problems are told at once, in the order of the file", () => {
  const lines = complaints("nam: a\nkind: x\nsizes: y\n").split("\n");
  expect(lines.filter((line) => line.startsWith("x.yaml")).map((line) => line.split(": ")[0])).toEqual([
    "x.yaml:1:1",
    "x.yaml:1:1",
    "x.yaml:2:7",
    "x.yaml:3:8",
  ]);
});

test.each([
  ["a: [1\nb: 2\n", /^x\.yaml:2:1: not valid YAML: /],
  ["a: 1\na: 2\n", /^x\.yaml:2:1: not valid YAML: Map keys must be unique/],
  ["a: *gone\n", /^x\.yaml:1:4: not valid YAML: no anchor &gone stands before/],
  ["a: 1\n---\nb: 1\n", /^x\.yaml:2:1: not valid YAML: /],
])("the parser's complaint about %j stands where it saw it", (text, pattern) => expect(complaints(text)).toMatch(pattern));

test("aliases that unfold without bound are refused", () => {
  const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(", ")}]`);
  expect(complaints(`l0: &l0 [x]\n${levels.join("\n")}\n`)).toContain("x.yaml: not usable YAML: Excessive alias count");
});

test("a file that cannot be read says why", async () => {
  const folder = temporaryFolder();
  await expect(loadYaml(join(folder, "no.yaml"), schema)).rejects.toThrow(/no\.yaml: cannot be read: there is no such file/);
  await expect(loadYaml(folder, schema)).rejects.toThrow(/cannot be read: it is a folder/);
  await writeFile(join(folder, "latin1.yaml"), Buffer.from([0x6e, 0x3a, 0x20, 0xe9]));
  await expect(loadYaml(join(folder, "latin1.yaml"), schema)).rejects.toThrow(/is not UTF-8 text/);
});
