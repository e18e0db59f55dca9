import { createHash } from "node:crypto";
import { parse, stringify } from "yaml";
import { InputError, type Position } from "../model/errors.ts";
import { loadYaml, type Loaded } from "../model/yaml.ts";
import { suiteDocument, type SuiteDocument } from "./schema.ts";

export interface Step {
  readonly verb: string;
  /** What the verb is told, as the YAML says it, before its schema reads it. */
  readonly input: unknown;
  /** The step as written, without the dash, on one line. */
  readonly text: string;
  readonly at: Required<Position>;
}

export interface SuiteTest {
  readonly name: string;
  readonly requires: readonly string[];
  readonly steps: readonly Step[];
  readonly at: Required<Position>;
}

/** A suite that was read and fits the language. */
export interface Suite {
  readonly name: string;
  readonly title: string | undefined;
  readonly file: string;
  /** The file's text and its sha256. */
  readonly text: string;
  readonly digest: string;
  readonly machine: "fresh" | "shared";
  readonly requires: readonly string[];
  readonly tests: readonly SuiteTest[];
}

/** Reads a `*.suite.yaml`. Throws InputError with every problem: file, line, column, what is wrong, what would be right. */
export async function loadSuite(file: string): Promise<Suite> {
  const loaded = await loadYaml(file, suiteDocument);
  refuseDoubles(loaded);
  const { suite, title, machine, requires, tests } = loaded.value;
  const raw = parse(loaded.text) as { tests: { steps: Record<string, unknown>[] }[] };
  const lines = loaded.text.split("\n");
  return {
    name: suite,
    title,
    file,
    text: loaded.text,
    digest: createHash("sha256").update(loaded.text).digest("hex"),
    machine,
    requires,
    tests: tests.map((test, t) => ({
      name: test.test,
      requires: test.requires,
      at: loaded.at(["tests", t, "test"]),
      steps: raw.tests[t]!.steps.map((step, s) => {
        const [verb, input] = Object.entries(step)[0]!;
        const at = loaded.at(["tests", t, "steps", s, verb], "key");
        return { verb, input, at, text: stepText(lines[at.line - 1]!.slice(at.column - 1).trimEnd(), verb, input) };
      }),
    })),
  };
}

/** The step on one line: as written, or, when it goes on below, folded into one. */
function stepText(written: string, verb: string, input: unknown): string {
  if (typeof input !== "object" || input === null || !/:\s*(#.*)?$/.test(written)) return written;
  return `${verb}: ${stringify(input, { collectionStyle: "flow", lineWidth: 0 }).trim()}`;
}

function refuseDoubles({ value, problem, at }: Loaded<SuiteDocument>): void {
  const first = new Map<string, number>();
  const problems = value.tests.flatMap(({ test }, index) => {
    const earlier = first.get(test);
    if (earlier === undefined) {
      first.set(test, index);
      return [];
    }
    const remedy = `The claim on line ${at(["tests", earlier, "test"]).line} has the same words; records are told apart by them.`;
    return [problem(["tests", index, "test"], "two tests have one name", remedy)];
  });
  if (problems.length > 0) throw new InputError(problems);
}
