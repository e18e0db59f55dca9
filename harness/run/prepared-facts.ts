import type { RunProvenance } from "../model/record.ts";
import type { Prepared, Tools } from "./prepare.ts";

/** What run.json says once tools and images are ready. */
export function preparedFacts(
  provenance: RunProvenance,
  { place, versions }: Tools,
  prepared: readonly Prepared[],
): Partial<RunProvenance> {
  const ready = prepared.filter((one) => "image" in one);
  const images = new Map(
    ready.map(({ image }) => [
      image.digest,
      { name: image.name, digest: image.digest, version: image.manifest.versions[0]?.version ?? "" },
    ]),
  );
  const accelerators = Object.fromEntries(
    ready.map(({ combination, accelerator, why }) => [combination.target.arch, `${accelerator}: ${why}`]),
  );
  return {
    tools: versions,
    ...(place.digest !== undefined && { toolbox: place.digest }),
    host: { ...provenance.host, accelerators },
    images: [...images.values()],
  };
}
