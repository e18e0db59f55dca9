import { InputError } from "../model/errors.ts";
import type { Image, OciBase, OciIdentity } from "../model/image.ts";
import { ociFolder } from "./image-tree.ts";
import { readOci, type OciImage } from "./oci.ts";

type Container = Pick<Image, "name" | "manifest" | "folder" | "architecture">;

const annotation = "org.opencontainers.image.base";

/** Who the versions of an image are as container images, and which of the images it was made `from` they stand on; undefined if none is one. */
export async function ociIdentities(image: Container, from: Container | undefined): Promise<Image["containers"]> {
  const own = await layoutsOf(image);
  if (own.size === 0) return undefined;
  const known = from && { name: from.name, layouts: [...(await layoutsOf(from)).values()] };
  const identities = [...own].map(([version, layout]): [string, OciIdentity] => {
    const base = baseOf(layout, known);
    const layers = layout.layers.map(({ diffId }) => diffId);
    return [version, { manifest: `sha256:${layout.digest}`, layers, ...(base && { base }) }];
  });
  return Object.fromEntries(identities);
}

/**
 * The base of an OCI image: a known one whose layers are the lowest of the image's own, which proves it; else what annotations of its manifest say.
 * Source: OCI image specification, annotations.md (`org.opencontainers.image.base.*`).
 */
export function baseOf(
  { layers: own, annotations }: Pick<OciImage, "layers" | "annotations">,
  known?: { readonly name: string; readonly layouts: readonly Pick<OciImage, "digest" | "layers">[] },
): OciBase | undefined {
  const { [`${annotation}.name`]: name, [`${annotation}.digest`]: digest } = annotations;
  for (const layout of known?.layouts ?? []) {
    const { layers } = layout;
    if (!known || layers.length >= own.length || layers.some(({ diffId }, number) => diffId !== own[number]?.diffId)) continue;
    const proof = `its lowest ${layers.length} of ${own.length} layers are those of ${known.name}`;
    const manifest = `sha256:${layout.digest}`;
    const says = digest === undefined ? "" : digest === manifest ? ", as its annotations say" : `; its annotations name ${digest}`;
    return { name: known.name, digest: manifest, found: `${proof}${says}` };
  }
  if (name === undefined && digest === undefined) return undefined;
  return { ...(name !== undefined && { name }), ...(digest !== undefined && { digest }), found: "annotations of its manifest say so" };
}

/** Layouts by version. One that cannot be read is left out: what is wrong with it is said where it is used. */
async function layoutsOf(image: Container): Promise<Map<string, OciImage>> {
  const found = new Map<string, OciImage>();
  for (const { version, oci } of image.manifest.versions) {
    if (oci === undefined) continue;
    try {
      found.set(version, await readOci(await ociFolder(image, version), image.architecture));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  return found;
}
