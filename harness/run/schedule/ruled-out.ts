import { imageCapability } from "../../os/capabilities.ts";
import type { Combination, PlannedSuite } from "../plan.ts";

/** Why a claim will be not applicable, as the manifests of image and target already say; undefined where only the machine can tell. */
export function ruledOut({ image: manifest, target }: Combination, suite: PlannedSuite, test: string): string | undefined {
  const image = { manifest, name: manifest.image };
  const absent = (suite.requires?.get(test) ?? [])
    .map((name) => imageCapability({ image, target }, name))
    .find((capability) => capability?.present === false);
  return absent && `${absent.name}: ${absent.reason}`;
}
