import type { ShardFacts } from "../../model/shard.ts";
import type { Cell } from "../cell.ts";
import { misfit, type Combination, type Plan, type PlannedSuite } from "../plan.ts";
import type { Estimate } from "../schedule/estimate.ts";
import { assign, type Part, type Shard } from "./assign.ts";

/** The part of a plan that one shard does, and what all of them do. */
export interface ShardPlan {
  readonly plan: Plan;
  readonly facts: ShardFacts;
}

/**
 * Divides a plan by suite, image and target. Claims of one suite stay together: they may share a machine. Throws nothing; a shard may be left without
 * anything to do.
 */
export function shardOf(plan: Plan, { index, of }: Shard, estimate: (cell: Cell) => Estimate): ShardPlan {
  const parts = plan.combinations.flatMap((combination) => plan.suitesOf(combination).map((suite) => partOf(combination, suite, estimate)));
  const assigned = assign(parts, of);
  const units = parts.map((part) => ({
    image: part.combination.image.image,
    target: part.combination.target.target,
    suite: part.suite.source.name,
    tests: [...part.suite.tests],
    shard: assigned.get(part) as number,
  }));
  const ours = new Set(parts.filter((part) => assigned.get(part) === index).map(({ combination, suite }) => key(combination, suite)));
  return { plan: plan.only((combination, suite) => ours.has(key(combination, suite))), facts: { index, of, units } };
}

function partOf(combination: Combination, suite: PlannedSuite, estimate: (cell: Cell) => Estimate): Part {
  const { image, target } = combination;
  const cells = suite.tests.map((test) => ({ image: image.image, target: target.target, suite: suite.source.name, test }));
  const ms = misfit(combination) === undefined ? cells.reduce((sum, cell) => sum + estimate(cell).ms, 0) : 0;
  return { combination, suite, ms };
}

function key({ project }: Combination, { file }: PlannedSuite): string {
  return `${project}\n${file}`;
}
