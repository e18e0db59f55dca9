import type { Machine } from "../machine/machine.ts";
import { HarnessError } from "../model/errors.ts";
import { beginSteps } from "./begin.ts";
import type { Branches, Kept } from "./branches.ts";
import type { Cell } from "./cell.ts";
import type { Suite } from "./load.ts";
import type { Steps, StepsOptions } from "./steps.ts";
import { descendantNeeds, madeBy, makerOf } from "./tree.ts";

type Tree = Omit<Suite, "text">;

/** How a test gets to where it starts: from what was kept, or from the beginning, and then by these tests' steps again. */
interface Way {
  readonly kept: (Kept & { readonly name: string }) | undefined;
  readonly repeat: readonly { readonly test: number; readonly moment: string }[];
  /** Why steps must be repeated. */
  readonly why: string | undefined;
}

/** A test with a machine of its own, where it is to start. */
export interface Begun {
  readonly steps: Steps;
  /** Makes the steps, again, that lead to where the test starts, if it was not forked from there. */
  arrive(): Promise<void>;
}

/** Runs the steps of a test by its place in the suite, up to a moment if its steps are to end there. */
export type RunBody = (test: number, steps: Steps) => Promise<unknown>;

/** Gives a test a machine: forked from the moment it starts from, or from the nearest before that; where there is none to fork, a new one. */
export async function beginBranch(suite: Tree, index: number, cell: Cell, branches: Branches, run: RunBody): Promise<Begun> {
  const { machine, way } = await openOnWay(suite, index, cell, branches);
  const first = way.repeat[0]?.test ?? index;
  const memory = new Map(way.kept?.memory);
  const toKeep = namesToKeep(suite, index, way, branches);
  const makes = toKeep.size > 0;
  const options: Omit<StepsOptions, "cell" | "machine" | "onStep"> = {
    memory,
    booted: way.kept === undefined && suite.tests[first]!.start === "booted",
    foreseen: way.kept ? [] : descendantNeeds(suite, first),
    keep: async (name) => {
      toKeep.delete(name);
      await branches.keep(name, { machine, memory, context: cell.context, again: toKeep.size > 0 });
    },
    // What a machine was served, its forks are too.
    defer: (release) => (makes ? branches : cell).defer(release),
  };
  const begin = beginSteps(cell, machine);
  return {
    steps: begin(suite.tests[index]!, options),
    async arrive() {
      for (const { test, moment } of way.repeat) {
        const repeated = suite.tests[test]!;
        await run(test, begin(repeated, { ...options, repeating: { moment, test: repeated.name } }));
      }
    },
  };
}

async function openOnWay(suite: Tree, index: number, cell: Cell, branches: Branches): Promise<{ machine: Machine; way: Way }> {
  for (;;) {
    const way = wayTo(suite, index, branches);
    const wish = {
      savable: namesToKeep(suite, index, way, branches).size > 0 && !cell.context.fresh,
      why: way.why,
      clock: suite.tests[index]!.clock,
    };
    if (!way.kept) return { machine: await cell.open(suite.tests[way.repeat[0]?.test ?? index]!.start, wish), way };
    try {
      return { machine: await cell.fork(way.kept.moment, wish), way };
    } catch (error) {
      if (!(error instanceof HarnessError) || error.code !== "OSB_MOMENT") throw error;
      await branches.lose(way.kept.name, error.message);
    }
  }
}

function wayTo(suite: Tree, index: number, branches: Branches): Way {
  const repeat: { test: number; moment: string }[] = [];
  let why: string | undefined;
  for (let moment = suite.tests[index]!.from; moment !== undefined;) {
    const fate = branches.fate(moment);
    if (fate?.kind === "kept") return { kept: { ...fate, name: moment }, repeat, why };
    why ??= fate?.kind === "repeated" ? fate.why : branches.whyNone(moment);
    const test = makerOf(suite, moment);
    repeat.unshift({ test, moment });
    moment = suite.tests[test]!.from;
  }
  return { kept: undefined, repeat, why };
}

/** Moments the machine will come by that may yet be kept. */
function namesToKeep(suite: Tree, index: number, { repeat }: Way, branches: Branches): Set<string> {
  const passed = repeat.flatMap(({ test, moment }) => {
    const made = madeBy(suite, test);
    return made.slice(0, made.indexOf(moment) + 1);
  });
  return new Set([...passed, ...madeBy(suite, index)].filter((name) => !["kept", "repeated"].includes(branches.fate(name)?.kind ?? "")));
}
