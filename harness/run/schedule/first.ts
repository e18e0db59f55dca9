import type { WorkerContext } from "../../model/context.ts";
import { NotApplicable } from "../../model/errors.ts";
import type { EarlyRequest } from "../../suite/early.ts";
import { loadSuite, type Suite, type SuiteTest } from "../../suite/load.ts";
import { requireFromManifests } from "../../suite/requirements.ts";
import type { Unit } from "./unit.ts";

/**
 * The machine the first test of a suite will ask for, where its YAML says so before anything has run; undefined where only the test itself knows, or
 * where it will ask for none.
 */
export async function firstMachine(
  { file, suite: planned }: Pick<Unit, "file" | "suite">,
  context: WorkerContext,
): Promise<EarlyRequest | undefined> {
  if (!/\.ya?ml$/.test(file)) return undefined;
  const suite = await loadSuite(file);
  const test = suite.tests.find(({ name }) => name === planned.tests[0]);
  if (!test || !plain(suite, test) || lacks(context, [...suite.requires, ...test.requires])) return undefined;
  const words = suite.machine === "shared" ? [suite.name] : [suite.name, test.name];
  return { context, words, start: test.start, on: test.start === "booted" || test.steps[0]?.verb === "boot" };
}

/** It asks for no more than a machine, and is the one that asks. */
function plain(suite: Suite, test: SuiteTest): boolean {
  const branches = test.clock !== "saved" || test.from !== undefined || suite.moments.some((moment) => suite.tests[moment.test] === test);
  return !branches && (suite.machine === "fresh" || test === suite.tests[0]);
}

function lacks(context: WorkerContext, names: readonly string[]): boolean {
  try {
    requireFromManifests(context, names, () => {});
    return false;
  } catch (error) {
    if (error instanceof NotApplicable) return true;
    throw error;
  }
}
