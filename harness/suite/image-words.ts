import type { z } from "zod";
import type { Problem } from "../model/errors.ts";
import type { ImageManifest } from "../model/image.ts";
import { suggest } from "../model/nearest.ts";
import type { TargetManifest } from "../model/target.ts";
import { loadYaml, type Loaded, type YamlPath } from "../model/yaml.ts";
import { imageCapability } from "../os/capabilities.ts";
import { extensionWord, knownExtensions } from "./extension-claims.ts";
import { suiteDocument, type SuiteDocument } from "./schema.ts";
import { verbs } from "./verbs/index.ts";
import { knownVersions, versionWord } from "./versions.ts";

/** A word in a suite that only an image gives a meaning to. */
interface Word {
  readonly path: YamlPath;
  readonly part: "key" | "value";
  readonly text: string;
  readonly what: string;
  known(manifest: ImageManifest): string[];
}

type Meaning = (beside: unknown) => Pick<Word, "what" | "known">;

/** The schemas such words are read by, and what they mean; `beside` is the mapping a word stands in. */
const meanings = new Map<z.ZodType, Meaning>([
  [versionWord, () => ({ what: "version", known: knownVersions })],
  [
    extensionWord,
    (beside) => {
      const kind = (beside as { kind?: unknown } | undefined)?.kind === "confext" ? "confext" : "sysext";
      return { what: kind, known: (manifest) => knownExtensions(manifest, kind) };
    },
  ],
]);

/**
 * Names every version and extension in a suite that an image does not have, with its place. Tests that the manifests rule out say nothing of an
 * image. Throws InputError for a file that is no suite.
 */
export async function wordProblems(file: string, images: readonly ImageManifest[], targets: readonly TargetManifest[]): Promise<Problem[]> {
  const suite = await loadYaml(file, suiteDocument);
  return suite.value.tests.flatMap((test, index) => {
    const words = test.steps.flatMap((step, s) => wordsOfStep(step, ["tests", index, "steps", s]));
    const fitting = words.length === 0 ? [] : images.filter((image) => targets.some((target) => applies(suite.value, test, image, target)));
    return words.flatMap((word) => wordProblem(suite, word, fitting));
  });
}

function wordProblem(suite: Loaded<SuiteDocument>, { path, part, text, what, known }: Word, images: readonly ImageManifest[]): Problem[] {
  const without = images.filter((image) => !known(image).includes(text));
  const [first] = without;
  if (!first) return [];
  const more = without.length === 1 ? "" : `, nor do ${without.length - 1} more of the images asked for`;
  return [suite.problem(path, `image ${first.image} has no ${what} "${text}"${more}`, suggest(text, known(first)), part)];
}

function applies(suite: SuiteDocument, test: SuiteDocument["tests"][number], manifest: ImageManifest, target: TargetManifest): boolean {
  const image = { manifest, name: manifest.image };
  return [...suite.requires, ...test.requires].every((name) => imageCapability({ image, target }, name)?.present !== false);
}

function wordsOfStep(step: object, path: YamlPath): Word[] {
  return Object.entries(step).flatMap(([verb, told]) => wordsIn(verbs[verb]!.schema, told, [...path, verb]));
}

/** The parts of zod's schema definitions that lead to the schemas inside. */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly keyType?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
}

function wordsIn(schema: z.ZodType, value: unknown, path: YamlPath, beside?: unknown, part: Word["part"] = "value"): Word[] {
  const meaning = meanings.get(schema);
  if (meaning) return typeof value === "string" ? [{ path, part, text: value, ...meaning(beside) }] : [];
  const { innerType, options, shape, element, keyType, valueType } = schema.def as unknown as Definition;
  if (innerType) return wordsIn(innerType, value, path, beside, part);
  if (options) {
    const fitting = options.filter((option) => option.safeParse(value).success);
    // `none`, where a version may stand, is no version.
    return fitting.some((option) => (option.def as Definition).type === "literal")
      ? []
      : fitting.flatMap((option) => wordsIn(option, value, path, beside, part));
  }
  if (Array.isArray(value)) return element ? value.flatMap((item, index) => wordsIn(element, item, [...path, index], beside)) : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const inside = shape?.[key] ?? valueType;
    return [
      ...(keyType ? wordsIn(keyType, key, [...path, key], value, "key") : []),
      ...(inside ? wordsIn(inside, inner, [...path, key], value) : []),
    ];
  });
}
