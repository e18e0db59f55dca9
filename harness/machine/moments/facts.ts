import { z } from "zod";
import { phases } from "../../model/phase.ts";

/** What is written beside a saved machine. A file of another schema is of another osbench: the moment counts as missing. */
export const momentFacts = z.strictObject({
  schema: z.literal(1),
  name: z.string(),
  /** Of all it was made from; undefined for a moment that only its maker may use. */
  digest: z.string().optional(),
  saved: z.string().describe("ISO 8601, UTC"),
  image: z.string(),
  target: z.string(),
  memoryMiB: z.number(),
  /** Which boot of the host wrote it, and whether it is on the disk for sure. */
  hostBoot: z.string(),
  /** OpenSSH key the guest lets in. */
  privateKey: z.string(),
  guest: z.strictObject({
    boots: z.array(z.strictObject({ number: z.number(), id: z.string().optional() })).min(1),
    phase: z.enum(phases),
    /** Folder its updater is served from. */
    updates: z.string().optional(),
    /** The agent that waits for commands on its channel. */
    agent: z
      .strictObject({
        secret: z.string(),
        folder: z.string(),
        sequence: z.number(),
        program: z.string(),
        reseed: z.string().optional(),
      })
      .optional(),
  }),
  /** What only the hardware that was saved understands. */
  spec: z.unknown(),
  /** Every file, and those of others that disks build on: one that changed since is not what was saved. */
  files: z.array(z.strictObject({ path: z.string(), bytes: z.number(), mtimeMs: z.number() })),
});

export type MomentFacts = z.infer<typeof momentFacts>;
