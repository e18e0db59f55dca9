import { z } from "zod";
import { InputError, type Position, type Problem } from "../../model/errors.ts";
import { loadYaml, type Loaded } from "../../model/yaml.ts";

const globs = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).transform((value) => [value].flat());

/** Which cells something is about. `*` in a name stands for anything; what is not said is about all. */
const scope = z.strictObject({
  image: globs.default(["*"]),
  target: globs.default(["*"]),
  suite: globs.default(["*"]),
  test: globs.default(["*"]),
});

export type Scope = z.output<typeof scope>;

/** What a waiver may excuse. An error of the harness is nobody's to excuse: it says nothing about the image. */
export const excusable = ["fail", "flaky", "not-applicable"] as const;

/** Verdicts a policy may let pass that would otherwise close the gate. */
export const tolerable = ["still-failing", "new-failure", "flaky"] as const;

const date = z.iso.date();

const waiver = z.strictObject({
  cells: scope,
  excuses: z.array(z.enum(excusable)).min(1).default(["fail"]),
  reason: z.string().min(1),
  owner: z.string().min(1).describe("who sees to it"),
  tracker: z.string().min(1).describe("where it is tracked"),
  expires: date.describe("last day it holds, YYYY-MM-DD in UTC"),
});

export const policyManifest = z.strictObject({
  policy: z.string().min(1),
  expected: z
    .array(
      z.strictObject({
        image: z.union([z.string(), z.array(z.string()).min(1)]).transform((value) => [value].flat()),
        target: z.union([z.string(), z.array(z.string()).min(1)]).transform((value) => [value].flat()),
        suite: z.union([z.string(), z.array(z.string()).min(1)]).transform((value) => [value].flat()),
        tests: z.array(z.string()).min(1).optional().describe("by their names; by default any test of the suite will do"),
      }),
    )
    .default([])
    .describe("Cells that must have an outcome: every image x target x suite named"),
  waivers: z.array(waiver).default([]),
  tolerate: z.array(z.enum(tolerable)).default([]).describe("Verdicts that do not close the gate"),
  flaky: z
    .strictObject({ most: z.number().min(0).max(1) })
    .optional()
    .describe("Share of failures under one digest that is let pass"),
});

export type PolicyManifest = z.output<typeof policyManifest>;

/** A waiver with its place in the file, for saying that it has expired or that nothing needs it. */
export type Waiver = z.output<typeof waiver> & { readonly at: Required<Position> };

export interface Policy extends Omit<PolicyManifest, "waivers"> {
  readonly file: string | undefined;
  readonly waivers: readonly Waiver[];
}

/** What holds where no policy is given: every failure closes the gate, nothing in particular is expected. */
export const strictest: Policy = { policy: "none", file: undefined, expected: [], waivers: [], tolerate: [], flaky: undefined };

/** Reads a policy. Throws InputError with every problem's line and column. */
export async function loadPolicy(file: string): Promise<Policy> {
  const loaded = await loadYaml(file, policyManifest);
  const problems = wildExpectations(loaded);
  if (problems.length > 0) throw new InputError(problems);
  const { waivers, ...rest } = loaded.value;
  return { ...rest, file, waivers: waivers.map((one, index) => ({ ...one, at: loaded.at(["waivers", index]) })) };
}

/** What is expected is named: a pattern that fits nothing would expect nothing. */
function wildExpectations(loaded: Loaded<PolicyManifest>): Problem[] {
  return loaded.value.expected.flatMap((one, index) =>
    (["image", "target", "suite", "tests"] as const)
      .filter((key) => one[key]?.some((name) => name.includes("*")))
      .map((key) =>
        loaded.problem(["expected", index, key], "what is expected must be named, not matched", "Write out each name; `*` is for waivers."),
      ),
  );
}

/** Says whether a cell is meant. Source of the pattern language: the shell's `*`, nothing else. */
export function covers(cells: Scope, cell: Readonly<Record<keyof Scope, string>>): boolean {
  return (Object.keys(cells) as (keyof Scope)[]).every((key) => cells[key].some((glob) => fits(glob, cell[key])));
}

function fits(glob: string, name: string): boolean {
  const source = glob.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${source.join(".*")}$`, "s").test(name);
}
