import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { findImage } from "../../harness/image/manifest.ts";
import { InputError, type Problem } from "../../harness/model/errors.ts";
import { suggest } from "../../harness/model/nearest.ts";
import type { ReadSuite } from "../../harness/run/suites.ts";
import { loadYaml } from "../../harness/model/yaml.ts";
import { imageManifest, type ImageManifest } from "../../harness/model/image.ts";

export interface BrokenImage {
  /** As records name it: `broken/no-ssh`. */
  readonly name: string;
  readonly broken: NonNullable<ImageManifest["broken"]>;
}

/** Finds the images by their folders below `folder`, all of them if none is named. Throws InputError for unknown images, and for claims that no suite has. */
export async function findBroken(folder: string, names: readonly string[], suites: readonly ReadSuite[]): Promise<BrokenImage[]> {
  const entries = await readdir(folder, { recursive: true });
  const all = entries.filter((entry) => entry.endsWith("/image.yaml")).map((entry) => entry.slice(0, -"/image.yaml".length));
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0)
    throw new InputError(
      unknown.map((name) => ({ at: { file: join(folder, name) }, what: "there is no such image", remedy: suggest(name, all) })),
    );
  const images: BrokenImage[] = [];
  const problems: Problem[] = [];
  for (const name of names.length > 0 ? names : all.toSorted()) {
    const { manifest, file } = await findImage(`broken/${name}`);
    const { broken } = manifest;
    if (broken) images.push({ name: manifest.image, broken });
    else
      problems.push({
        at: { file },
        what: "does not say what is broken",
        remedy: "Add `broken: { what: …, claims: { SUITE: [CLAIM] } }`.",
      });
    problems.push(...(broken ? await unknownClaims(file, broken, suites) : []));
  }
  if (problems.length > 0) throw new InputError(problems);
  return images;
}

async function unknownClaims(file: string, { claims }: BrokenImage["broken"], suites: readonly ReadSuite[]): Promise<Problem[]> {
  const { problem } = await loadYaml(file, imageManifest.partial());
  return Object.entries(claims).flatMap(([name, tests]) => {
    const path = ["broken", "claims", name];
    const suite = suites.find(({ source }) => source.name === name);
    if (!suite) {
      const known = suites.map(({ source }) => source.name);
      return [problem(path, `there is no suite called "${name}"`, suggest(name, known), "key")];
    }
    const known = suite.tests ?? [];
    return tests.flatMap((test, index) =>
      known.includes(test) ? [] : [problem([...path, index], `suite ${name} has no claim of these words`, suggest(test, known))],
    );
  });
}
