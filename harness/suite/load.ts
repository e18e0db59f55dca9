import { createHash } from "node:crypto";
import { stringify } from "yaml";
import { InputError, type Position } from "../model/errors.ts";
import { loadYaml, type Loaded } from "../model/yaml.ts";
import { suiteDocument, type SuiteDocument } from "./schema.ts";
import { momentProblems, momentsOf, type SuiteMoment } from "./moments.ts";
import { aboutItsBoot, impliedStart, type Clock, type SaidStep, type Start } from "./start.ts";

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
  /** How its machine is given; of a shared machine only what the first test says counts. */
  readonly start: Start;
  /** The suite's own moment it starts from, where it does. */
  readonly from?: string;
  /** What its guest takes the time for, if it is forked. */
  readonly clock: Clock;
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
  /** What tests leave for others to start from. */
  readonly moments: readonly SuiteMoment[];
}

/** Reads a `*.suite.yaml`. Throws InputError with every problem: file, line, column, what is wrong, what would be right. */
export async function loadSuite(file: string): Promise<Suite> {
  const loaded = await loadYaml(file, suiteDocument);
  refuseDoubles(loaded);
  const { suite, title, machine, requires, tests } = loaded.value;
  const raw = loaded.said as { tests: { steps: Record<string, unknown>[] }[] };
  const saidSteps = raw.tests.map((test) => test.steps.map((step) => ({ verb: Object.keys(step)[0]!, input: Object.values(step)[0] })));
  const moments = momentsOf(saidSteps);
  refuseStarts(loaded, saidSteps, moments);
  const lines = loaded.text.split("\n");
  return {
    name: suite,
    title,
    file,
    text: loaded.text,
    digest: createHash("sha256").update(loaded.text).digest("hex"),
    machine,
    requires,
    moments,
    tests: tests.map((test, t) => ({
      name: test.test,
      requires: test.requires,
      at: loaded.at(["tests", t, "test"]),
      ...startOf(test.start ?? loaded.value.start ?? impliedStart(saidSteps[t]!)),
      clock: test.clock ?? loaded.value.clock ?? "saved",
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

function startOf(said: string): Pick<SuiteTest, "start" | "from"> {
  return said === "off" || said === "booted" ? { start: said } : { start: "booted", from: said };
}

/** A test that starts booted and claims something about that boot would claim it of a boot that may be long ago. */
function refuseStarts(loaded: Loaded<SuiteDocument>, steps: readonly (readonly SaidStep[])[], moments: readonly SuiteMoment[]): void {
  const { value, problem } = loaded;
  const problems = value.tests.flatMap((test, t) => {
    const own = (["start", "clock"] as const).find((key) => test[key] !== undefined);
    if (value.machine === "shared" && own !== undefined) {
      const remedy = `Put \`${own}\` at the top of the suite, or give every test a machine of its own: \`machine: fresh\`.`;
      return [problem(["tests", t, own], "tests on a shared machine start where the one before ended", remedy)];
    }
    if (test.clock === "now" && (test.start ?? value.start ?? impliedStart(steps[t]!)) === "off") {
      const remedy = "Leave it out, or let the test start from a machine that has booted.";
      return [problem(["tests", t, "clock"], "the test starts switched off, and whoever boots has the host's time", remedy)];
    }
    const about = aboutItsBoot(steps[t]!);
    if ((test.start ?? value.start ?? "off") === "off" || about === undefined || (value.machine === "shared" && t > 0)) return [];
    const remedy = "Say `start: off`: a machine that is given booted may be a fork, which has not made this boot.";
    return [
      problem(["tests", t, "steps", about, steps[t]![about]!.verb], "claims something about the boot before the test", remedy, "key"),
    ];
  });
  problems.push(...momentProblems(loaded, moments));
  if (problems.length > 0) throw new InputError(problems);
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
