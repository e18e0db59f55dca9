import { z } from "zod";
import { ClaimFailed, HarnessError, NotApplicable } from "../model/errors.ts";
import type { Image, ImageExtension, ImageManifest } from "../model/image.ts";
import type { Machine } from "../machine/machine.ts";
import { extensionStatus, type ExtensionKind } from "../os/extensions.ts";

/** Extensions as a step names them. */
export const extensionWord = z
  .string()
  .describe(
    "Extensions of the image's manifest: `accepted` (all it must accept), `refused` (all it must refuse), both judged for the version that runs; `renewable` (accepted, with a next build), `outdated` (accepted by another version, not by the one that runs), `all`, or one's name",
  );

const words = ["accepted", "refused", "all", "renewable", "outdated"];

/** Everything a step may call extensions of this image. */
export function knownExtensions({ extensions }: ImageManifest, kind: ExtensionKind): string[] {
  return [...words, ...extensions.filter((extension) => extension.kind === kind).map(({ name }) => name)];
}

/**
 * Extensions of the manifest a word stands for, on an image that runs `version`. Throws NotApplicable when the image has none such,
 * HarnessError for an unknown name.
 */
export function selectExtensions(image: Image, kind: ExtensionKind, word: string, version: string): readonly ImageExtension[] {
  const ofKind = image.manifest.extensions.filter((extension) => extension.kind === kind);
  const fits = ({ matches }: ImageExtension) => (typeof matches === "boolean" ? matches : matches.includes(version));
  const tests: Readonly<Record<string, (extension: ImageExtension) => boolean>> = {
    accepted: fits,
    refused: (extension) => !fits(extension),
    all: () => true,
    renewable: (extension) => fits(extension) && extension.next !== undefined,
    outdated: ({ matches }) => Array.isArray(matches) && !matches.includes(version),
  };
  const found = ofKind.filter(tests[word] ?? (({ name }) => name === word));
  if (found.length > 0) return found;
  if (tests[word]) throw new NotApplicable(kind, `${image.name} brings no ${kind} image that is ${word === "all" ? "of that kind" : word}`);
  throw new HarnessError("OSB_SUITE_EXTENSION", `the step names ${kind} ${word}, which ${image.name} does not bring`, {
    hint: `It brings ${ofKind.map(({ name }) => name).join(", ") || "none"}.`,
  });
}

/** Claims that exactly these extensions are merged, as the status JSON says. */
export async function claimMerged(machine: Machine, kind: ExtensionKind, extensions: readonly ImageExtension[]): Promise<void> {
  const status = await extensionStatus(machine, kind);
  const seen = [...new Set(status.flatMap((hierarchy) => hierarchy.extensions))].toSorted().join(", ") || "none";
  const claimed =
    extensions
      .map(({ name }) => name)
      .toSorted()
      .join(", ") || "none";
  if (seen !== claimed) {
    throw new ClaimFailed("OSB_SYSEXT_MERGED", `merged are: ${seen}; claimed is exactly: ${claimed}`, {
      evidence: { status: JSON.stringify(status, null, 2) },
    });
  }
}

function provided(extension: ImageExtension): string {
  if (extension.provides !== undefined) return extension.provides;
  throw new HarnessError("OSB_SUITE_EXTENSION", `extension ${extension.name} does not say which file it provides`, {
    hint: "Give it `provides` in image.yaml.",
  });
}

/** Claims that the file each extension brings exists, with its content, or with that of its next build. */
export async function claimPresent(
  machine: Machine,
  extensions: readonly ImageExtension[],
  build: "first" | "next" = "first",
): Promise<void> {
  for (const extension of extensions) {
    const file = provided(extension);
    const content = build === "next" ? extension.next?.content : extension.content;
    const result = await machine.run(`cat '${file}'`);
    if (result.code !== 0) throw new ClaimFailed("OSB_SYSEXT_FILE", `${file}, which extension ${extension.name} brings, cannot be read`);
    if (content !== undefined && result.stdout.trimEnd() !== content.trimEnd()) {
      throw new ClaimFailed(
        "OSB_SYSEXT_FILE",
        `${file} holds ${JSON.stringify(result.stdout)}, extension ${extension.name} brings ${JSON.stringify(content)}`,
      );
    }
  }
}

/** Claims that the file each extension would bring does not exist. */
export async function claimAbsent(machine: Machine, extensions: readonly ImageExtension[]): Promise<void> {
  for (const extension of extensions) {
    const file = provided(extension);
    const result = await machine.run(`if [ -e '${file}' ] || [ -L '${file}' ]; then echo there; else echo gone; fi`);
    if (result.stdout.trim() !== "gone")
      throw new ClaimFailed("OSB_SYSEXT_FILE", `${file}, which extension ${extension.name} brings, exists; claimed is that it does not`);
  }
}

/** Claims that nothing can be written below the hierarchies that exist. Tries it: mount options say less. */
export async function claimReadOnly(machine: Machine, hierarchies: readonly string[]): Promise<void> {
  for (const hierarchy of hierarchies) {
    const probe = `${hierarchy}/.osbench-write-probe`;
    const result = await machine.run(
      `[ -d ${hierarchy} ] || exit 0; if (: >${probe}) 2>/dev/null; then rm -f ${probe}; exit 1; fi; [ ! -e ${probe} ]`,
    );
    if (result.code !== 0)
      throw new ClaimFailed("OSB_SYSEXT_WRITABLE", `a file could be written in ${hierarchy}, claimed is that it is read-only`);
  }
}
