import { join } from "node:path";
import { z } from "zod";
import { phases } from "../model/phase.ts";
import { loadYaml } from "../model/yaml.ts";

const signature = z.strictObject({
  id: z.string(),
  pattern: z.string(),
  phase: z.enum(phases),
  fault: z.enum(["image", "firmware", "emulator", "host", "harness"]),
  ends: z.boolean(),
  means: z.string(),
  hint: z.string().optional(),
});

/** What one console line means: whose fault it is, and whether the boot can still succeed. */
export type Signature = z.infer<typeof signature>;

/** Reads the built-in signatures, or those of another file. Throws InputError with line and column. */
export async function loadSignatures(file = join(import.meta.dirname, "signatures.yaml")): Promise<Signature[]> {
  return (await loadYaml(file, z.strictObject({ signatures: z.array(signature) }))).value.signatures;
}
