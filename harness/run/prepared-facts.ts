import { toolDigests } from "../host/tool-digests.ts";
import { identityOf } from "../image/identity.ts";
import type { ToolsPlace } from "../model/context.ts";
import type { Image } from "../model/image.ts";
import type { ImageFacts, RunProvenance } from "../model/record.ts";
import { environmentOf } from "./environment.ts";
import type { Prepared, Tools } from "./prepare.ts";

/** What run.json says once tools and images are ready. */
export async function preparedFacts(
  provenance: RunProvenance,
  { place, versions, failure }: Tools,
  prepared: readonly Prepared[],
): Promise<Partial<RunProvenance>> {
  const ready = prepared.filter((one) => "image" in one);
  const images = new Map(ready.map(({ image }) => [image.digest, image]));
  const accelerators = Object.fromEntries(
    ready.map(({ combination, accelerator, why }) => [combination.target.arch, `${accelerator}: ${why}`]),
  );
  return {
    tools: versions,
    toolDigests: failure === undefined ? await toolDigests(place) : {},
    ...(place.digest !== undefined && { toolbox: place.digest }),
    host: { ...provenance.host, accelerators },
    images: await Promise.all([...images.values()].map(factsOf)),
    environments: await environmentsOf(ready, place),
  };
}

async function environmentsOf(
  ready: readonly Extract<Prepared, { image: unknown }>[],
  place: ToolsPlace,
): Promise<RunProvenance["environments"]> {
  return await Promise.all(ready.map((one) => environmentOf(one, place)));
}

async function factsOf(image: Image): Promise<ImageFacts> {
  const { manifest, name, digest } = image;
  return {
    name,
    digest,
    version: manifest.versions[0]?.version ?? "",
    form: manifest.form,
    family: manifest.os,
    // Read anew each time: two builds of one recipe need not have the same bytes.
    versions: (await identityOf(image)) as ImageFacts["versions"],
  };
}
