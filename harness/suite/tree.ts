import type { Suite, SuiteTest } from "./load.ts";

type Tree = Pick<Suite, "tests" | "moments" | "requires">;

/** Names of the moments a test makes, in order. */
export function madeBy({ moments }: Tree, test: number): string[] {
  return moments.filter((one) => one.test === test).map(({ name }) => name);
}

/** Which test makes a moment. The suite was read: there is one. */
export function makerOf({ moments }: Tree, name: string): number {
  return moments.find((one) => one.name === name)!.test;
}

/** What a test requires, with the suite and every test it goes on from: where their steps cannot be made, nor can its. */
export function neededBy(suite: Tree, test: number): string[] {
  const needed = new Set(suite.requires);
  for (const one of lineOf(suite, test)) for (const name of one.requires) needed.add(name);
  return [...needed];
}

/** What the tests require that go on, near or far, from a moment of this one. */
export function descendantNeeds(suite: Tree, test: number): string[] {
  const ancestor = suite.tests[test]!;
  const after = suite.tests.filter((_, index) => index > test && lineOf(suite, index).includes(ancestor));
  return [...new Set(after.flatMap(({ requires }) => requires))];
}

/** A test and those it goes on from, itself first. */
function lineOf(suite: Tree, test: number): SuiteTest[] {
  const own = suite.tests[test]!;
  return own.from === undefined ? [own] : [own, ...lineOf(suite, makerOf(suite, own.from))];
}
