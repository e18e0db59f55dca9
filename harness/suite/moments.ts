import type { Problem } from "../model/errors.ts";
import { nearest, suggest } from "../model/nearest.ts";
import type { Loaded } from "../model/yaml.ts";
import type { SuiteDocument } from "./schema.ts";
import { starts, type SaidStep } from "./start.ts";

/** A moment a suite makes: its name, and by their places the test that makes it and the step that does. */
export interface SuiteMoment {
  readonly name: string;
  readonly test: number;
  readonly step: number;
}

/** What a suite's tests leave for others, in order. */
export function momentsOf(tests: readonly (readonly SaidStep[])[]): SuiteMoment[] {
  return tests.flatMap((steps, test) =>
    steps.flatMap(({ verb, input }, step) => (verb === "moment" ? [{ name: String(input), test, step }] : [])),
  );
}

/** What is wrong with the moments a suite makes and those its tests start from. */
export function momentProblems(loaded: Loaded<SuiteDocument>, moments: readonly SuiteMoment[]): Problem[] {
  return loaded.value.machine === "shared" ? onShared(loaded, moments) : [...badlyMade(loaded, moments), ...badlyUsed(loaded, moments)];
}

function onShared({ problem }: Loaded<SuiteDocument>, moments: readonly SuiteMoment[]): Problem[] {
  const remedy = "Leave out `machine: shared`: a test that says `start:` and the moment's name then goes on from there.";
  return moments.map((one) => problem(pathOf(one), "a shared machine goes on from test to test, and no test starts from a moment", remedy));
}

function badlyMade({ value, problem, at }: Loaded<SuiteDocument>, moments: readonly SuiteMoment[]): Problem[] {
  const names = [...starts, ...moments.map(({ name }) => name)];
  return moments.flatMap((one, index) => {
    const path = pathOf(one);
    const known = (starts as readonly string[]).includes(one.name);
    if (known) return [problem(path, `\`${one.name}\` is what every suite can start from`, "Give the moment a name of its own.")];
    const earlier = moments.slice(0, index).find(({ name }) => name === one.name);
    if (earlier) {
      const remedy = `The other is made on line ${at(pathOf(earlier)).line}; a test that starts from it must know which is meant.`;
      return [problem(path, `two moments are called \`${one.name}\``, remedy)];
    }
    // Who misspells it is told so where they do.
    if (value.tests.some(({ start }) => start !== undefined && (start === one.name || nearest(start, names) === one.name))) return [];
    const remedy = `Say \`start: ${one.name}\` in a test below, or leave the step out: keeping a machine takes time and room.`;
    return [problem(path, `no test starts from the moment \`${one.name}\``, remedy)];
  });
}

function badlyUsed({ value, problem, at }: Loaded<SuiteDocument>, moments: readonly SuiteMoment[]): Problem[] {
  return value.tests.flatMap(({ start }, index) => {
    if (start === undefined || start === "off" || start === "booted") return [];
    const path = ["tests", index, "start"];
    const made = moments.find(({ name }) => name === start);
    if (!made) {
      const known = [...starts, ...moments.filter(({ test }) => test < index).map(({ name }) => name)];
      const near = suggest(start, known);
      return [problem(path, `no test makes a moment called \`${start}\``, `${near.charAt(0).toUpperCase()}${near.slice(1)}`)];
    }
    if (made.test < index) return [];
    const what = made.test === index ? "the test starts from a moment it makes itself" : `the moment \`${start}\` is made by a later test`;
    const remedy = `It is made on line ${at(pathOf(made)).line}. A test starts from what a test above it has made.`;
    return [problem(path, what, remedy)];
  });
}

function pathOf({ test, step }: SuiteMoment): (string | number)[] {
  return ["tests", test, "steps", step, "moment"];
}
