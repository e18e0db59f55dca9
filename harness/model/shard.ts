import { z } from "zod";

/** Which part of a matrix a run was, and which run was to do the rest. */
export const shardFacts = z.strictObject({
  index: z.number().int().min(1).describe("from 1"),
  of: z.number().int().min(1),
  units: z
    .array(
      z.strictObject({
        image: z.string(),
        target: z.string(),
        suite: z.string(),
        tests: z.array(z.string()),
        shard: z.number().int().min(1),
      }),
    )
    .describe("all suites on all images and targets, with the shard that runs each"),
});

export type ShardFacts = z.infer<typeof shardFacts>;

/** What a run was merged from. */
export const mergedFacts = z.strictObject({
  from: z.array(
    z.strictObject({
      run: z.string(),
      shard: z.string().optional().describe("`2/3`"),
      started: z.string().optional(),
      finished: z.string().optional().describe("absent for a run that was killed"),
      host: z.string().optional(),
      revision: z.string().optional().describe("of osbench"),
      records: z.number().int(),
    }),
  ),
  notes: z.array(z.string()).describe("what does not go together, or is missing, in words"),
});

export type MergedFacts = z.infer<typeof mergedFacts>;

/** The cells one shard was to do. */
export function cellsOfShard({ units }: Pick<ShardFacts, "units">, index: number) {
  return units
    .filter(({ shard }) => shard === index)
    .flatMap(({ image, target, suite, tests }) => tests.map((test) => ({ image, target, suite, test })));
}
