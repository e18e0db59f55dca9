import { ClaimFailed, OsbenchError } from "../model/errors.ts";
import { unknownVersion } from "../model/image.ts";
import type { VerbContext } from "./verb.ts";
import { nameVersion, resolveVersion } from "./versions.ts";

const firstSeen = "version first seen";

/**
 * Claims that the running version is the one a word stands for. Of an image nobody knows the version of, `current` is what its machine ran when this was
 * first asked: that first time nothing can be claimed (NotApplicable), later that it is still the same.
 */
export async function claimRunningVersion(context: VerbContext, word: string): Promise<void> {
  const { image } = context.machine;
  const unknown = word === "current" && image.manifest.versions[0]?.version === unknownVersion;
  if (!unknown) {
    const seen = await context.os.version();
    if (seen !== resolveVersion(image, word)) fail(seen, nameVersion(image, word));
    return;
  }
  const seen = await versionIfAny(context);
  const before = context.memory.get(firstSeen);
  if (before === undefined) {
    context.memory.set(firstSeen, seen);
    resolveVersion(image, word);
  } else if (seen !== before) fail(seen, `${String(before)}, as it was first seen`);
}

function fail(seen: string, claimed: string): never {
  throw new ClaimFailed("OSB_CHECK", `the running version is ${seen}, claimed is ${claimed}`);
}

/** A rolling release has no version at all, which stays the same too. */
async function versionIfAny({ os }: VerbContext): Promise<string> {
  try {
    return await os.version();
  } catch (error) {
    if (error instanceof OsbenchError && error.code === "OSB_OS_VERSION") return "none";
    throw error;
  }
}
