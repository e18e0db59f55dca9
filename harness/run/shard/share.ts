import type { ShardFacts } from "../../model/shard.ts";
import { Expectations } from "../expectations.ts";
import type { Plan } from "../plan.ts";
import type { RunRequest } from "../request.ts";
import { estimator } from "../schedule/estimate.ts";
import { shardOf } from "./plan-shard.ts";

/** Knows nothing: each claim weighs the same. */
const nobody = { of: () => undefined, likely: () => undefined };

/**
 * What of a plan this run is to do. Divided by durations from a file that all shards are given, never by what this host has learned: shards would
 * disagree, and cells fall between them.
 */
export async function shareOf(plan: Plan, shard: RunRequest["shard"]): Promise<{ plan: Plan; facts?: ShardFacts }> {
  if (shard === undefined) return { plan };
  const memory = shard.durations === undefined ? nobody : await Expectations.read(shard.durations, "--durations");
  return shardOf(plan, shard, estimator(memory, plan));
}
