import { z } from "zod";
import { HarnessError, NotApplicable } from "../model/errors.ts";
import { unknownVersion, type Image, type ImageManifest } from "../model/image.ts";

/** The words that stand for a version of any image. */
const words = ["current", "next", "never-good"];

/** Everything a step may call a version of this image. */
export function knownVersions(manifest: ImageManifest): string[] {
  return [...words, ...manifest.versions.map(({ version }) => version)];
}

/** A version as a step names it. */
export const versionWord = z
  .string()
  .min(1)
  .describe(
    "A version: `current` (the one the machine was installed with), `next` (the first later good one), `never-good` (built never to become good), or the version itself. The words keep their meaning after updates.",
  );

/**
 * The version a word stands for. Words are fixed by the image's manifest, so `next` still means the same version once it runs.
 * Throws NotApplicable when the image has no such version or nobody said which it is, HarnessError for a version no manifest line names.
 */
export function resolveVersion(image: Image, word: string): string {
  const versions = image.manifest.versions;
  const found = {
    current: versions[0],
    next: versions.slice(1).find((version) => version.good),
    "never-good": versions.find((version) => !version.good),
  }[word];
  if (found?.version === unknownVersion) {
    const hint = "Say it with --image-version, as the image's os-release does.";
    throw new NotApplicable("known-version", `nobody said which version ${image.name} is`, { hint });
  }
  if (found) return found.version;
  if (word === "next") throw new NotApplicable("updates", `${image.name} has no later good version`);
  if (word === "never-good") throw new NotApplicable("never-good-version", `${image.name} has no version built never to become good`);
  if (versions.some(({ version }) => version === word)) return word;
  throw new HarnessError("OSB_SUITE_VERSION", `the step names version ${word}, which ${image.name} does not have`, {
    hint: `It has ${versions.map(({ version }) => version).join(", ")}; the words are current, next and never-good.`,
  });
}

/** The version with the word it was called by, for messages: `2 (next)`. */
export function nameVersion(image: Image, word: string): string {
  const version = resolveVersion(image, word);
  return version === word ? version : `${version} (${word})`;
}
