import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { InputError, type Problem } from "../model/errors.ts";
import { suggest } from "../model/nearest.ts";
import { phases, type Phase } from "../model/phase.ts";
import { culprits } from "../model/record.ts";
import { architectures, type Architecture } from "../model/target.ts";
import { loadYaml, type Loaded } from "../model/yaml.ts";
import { Automaton, mostStates } from "./automaton.ts";
import { PatternError } from "./pattern.ts";

const phase = z.enum(phases);

const entry = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "only small letters, digits and - make an id"),
  pattern: z.string().describe("Regular expression on one line without escape codes."),
  on: z.enum(["line", "screen"]).default("line").describe("`screen`: on what the screen shows when the console has gone quiet."),
  phase: z
    .union([phase, z.array(phase).min(1)])
    .transform((one) => [one].flat())
    .describe("Where in a boot it can be said, one phase or several."),
  fault: z.enum(culprits).describe("Whose fault it is."),
  ends: z
    .union([z.boolean(), z.enum(["explained", "first-boot"])])
    .default(false)
    .describe(
      "Whether the boot can never succeed after it; `explained`: only if one of `because` came before; `first-boot`: only in a machine's first boot.",
    ),
  because: z.array(z.string()).default([]).describe("Signatures which, met earlier in the same boot, are the cause."),
  after: z.array(z.string()).min(1).optional().describe("Counts only if one of these signatures was met earlier in the same boot."),
  if: z.enum(["halted", "spinning"]).optional().describe("Ends the boot only if the processors are found so."),
  quiet: z
    .number()
    .positive()
    .max(600)
    .optional()
    .describe("Seconds: counts only if nothing more is said, and nothing typed, for so long."),
  insists: z.boolean().optional().describe("With `quiet`: what is said after it does not answer it, only typing does, or a new phase."),
  limit: z
    .boolean()
    .optional()
    .describe("A time the guest set itself has run out: proves nothing on a host that had no time for the machine."),
  times: z.int().min(2).optional().describe("Counts from the time it is said so often in one boot."),
  arch: z.array(z.enum(architectures)).min(1).optional().describe("Only on these architectures."),
  means: z.string().describe("What it means, in a few words."),
  hint: z.string().optional().describe("What to try next."),
});

/** What a console line means: whose fault it is, and whether the boot can still succeed. */
export type Signature = Readonly<Omit<z.output<typeof entry>, "phase">> & { readonly phase: readonly Phase[] };

// Without defaults: what is left out of an own entry keeps its built-in value.
const ownEntry = entry
  .omit({ on: true, ends: true, because: true })
  .partial()
  .extend({
    id: entry.shape.id,
    on: entry.shape.on.unwrap().optional(),
    ends: entry.shape.ends.unwrap().optional(),
    because: entry.shape.because.unwrap().optional(),
    off: z.boolean().optional().describe("Takes a built-in signature out."),
  });

const builtInFile = join(import.meta.dirname, "signatures.yaml");

/** Returns what was kept of these bytes, or makes it and keeps it. */
type Keep = (bytes: Uint8Array, make: () => Promise<Signature[]>) => Promise<Signature[]>;

/** Every machine loads them, so the built-in signatures are not checked here as a user's are: a test loads them as if they were a user's. */
async function builtInSignatures(keep: Keep): Promise<Signature[]> {
  // What this module makes of the file depends on both.
  const bytes = Buffer.concat(await Promise.all([readFile(builtInFile), readFile(import.meta.filename)]));
  return await keep(bytes, async () => (await loadYaml(builtInFile, z.strictObject({ signatures: z.array(entry) }))).value.signatures);
}

/**
 * Reads the built-in signatures and a user's own files over them: an entry with a built-in id changes what it names of it, or with `off: true`
 * takes it out; every other entry is new, and tried before the built-in ones. With `keep`, which holds values between processes, the built-in ones
 * are read once and not each time (0.1 s). Throws InputError with everything wrong in all files.
 */
export async function loadSignatures(ownFiles: readonly string[] = [], keep: Keep = (_, make) => make()): Promise<Signature[]> {
  const builtIn = new Map((await builtInSignatures(keep)).map((one) => [one.id, one]));
  const own = new Map<string, Signature>();
  const problems: Problem[] = [];
  for (const file of ownFiles) {
    try {
      const loaded = await loadYaml(file, z.strictObject({ signatures: z.array(ownEntry) }));
      const known = new Set([...builtIn.keys(), ...own.keys(), ...loaded.value.signatures.map(({ id }) => id)]);
      problems.push(...duplicates(loaded), ...patternProblems(loaded), ...strangers(loaded, known));
      for (const [index, { off, ...given }] of loaded.value.signatures.entries()) {
        const before = builtIn.get(given.id) ?? own.get(given.id);
        const whole = entry.safeParse({ ...before, ...given });
        if (!before && off) problems.push(loaded.problem(["signatures", index, "id"], `there is no signature "${given.id}" to take out`));
        else if (off) builtIn.delete(given.id);
        else if (whole.success) (builtIn.has(given.id) ? builtIn : own).set(given.id, whole.data);
        else problems.push(...missing(loaded, index, whole.error.issues));
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(...error.problems);
    }
  }
  refuse(problems);
  return [...own.values(), ...builtIn.values()];
}

/** The signatures that can be met on an architecture. */
export function signaturesFor(signatures: readonly Signature[], arch: Architecture): Signature[] {
  return signatures.filter((one) => one.arch === undefined || one.arch.includes(arch));
}

type Entries = Loaded<{
  signatures: { id: string; pattern?: string | undefined; because?: string[] | undefined; after?: string[] | undefined }[];
}>;

function refuse(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new InputError(problems);
}

function duplicates({ value: { signatures }, at, problem }: Entries): Problem[] {
  return signatures.flatMap(({ id }, index) => {
    const first = signatures.findIndex((one) => one.id === id);
    if (first === index) return [];
    const remedy = `Line ${at(["signatures", first, "id"]).line} has it already.`;
    return [problem(["signatures", index, "id"], `two signatures have the id "${id}"`, remedy)];
  });
}

function patternProblems({ value: { signatures }, problem }: Entries): Problem[] {
  return signatures.flatMap(({ pattern }, index) => {
    const wrong = pattern === undefined ? undefined : patternProblem(pattern);
    return wrong === undefined ? [] : [problem(["signatures", index, "pattern"], wrong.what, wrong.remedy)];
  });
}

/** Other signatures that are spoken of, and that nothing is called. */
function strangers({ value: { signatures }, problem }: Entries, known: ReadonlySet<string>): Problem[] {
  return signatures.flatMap((signature, index) =>
    (["because", "after"] as const).flatMap((key) =>
      (signature[key] ?? []).flatMap((id, place) =>
        known.has(id) ? [] : [problem(["signatures", index, key, place], `no signature is called "${id}"`, suggest(id, [...known]))],
      ),
    ),
  );
}

/** What makes a pattern unfit for a console that is read once, as it comes. */
function patternProblem(pattern: string): { what: string; remedy?: string } | undefined {
  try {
    const { size, start } = new Automaton([pattern]);
    if (start.found.length > 0 || start.foundAtEnd.length > 0)
      return { what: "this pattern fits an empty line, and so says nothing", remedy: "Let it need at least one character." };
    if (size > mostStates)
      return {
        what: `this pattern would be slow: it has ${size} states, ${mostStates} are allowed`,
        remedy: "Count less ({n,m}), name less.",
      };
    return undefined;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    const what = `not a regular expression that can be used here: ${error.message} (character ${error.index + 1} of the pattern)`;
    return { what, remedy: "JavaScript's syntax, without look-around, back-references and \\b." };
  }
}

/** An own entry that changes no built-in one must say all itself. */
function missing(loaded: Entries, index: number, issues: readonly z.core.$ZodIssue[]): Problem[] {
  return issues.map(({ path: [key] }) =>
    loaded.problem(
      ["signatures", index, "id"],
      `key \`${String(key)}\` is missing`,
      `No built-in signature is called "${loaded.value.signatures[index]?.id}", so this one has to say all of itself.`,
    ),
  );
}
