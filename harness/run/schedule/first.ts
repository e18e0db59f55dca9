import type { WorkerContext } from "../../model/context.ts";
import { NotApplicable } from "../../model/errors.ts";
import type { EarlyRequest } from "../../suite/early.ts";
import { loadSuite } from "../../suite/load.ts";
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
  if (!test || lacks(context, [...suite.requires, ...test.requires])) return undefined;
  const { start, steps, clock } = test;
  const on = start === "booted" || steps[0]?.verb === "boot";
  if (suite.machine === "shared") return test === suite.tests[0] ? { context, words: [suite.name], start, wish: {}, on } : undefined;
  if (test.from !== undefined) return undefined;
  const savable = !context.fresh && suite.moments.some((moment) => suite.tests[moment.test] === test);
  return { context, words: [suite.name, test.name], start, wish: { savable, clock }, on };
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
