import { kinds, type Image as WholeImage } from "../model/image.ts";
import type { Capability, TargetManifest } from "../model/target.ts";
import { families } from "./families.ts";

/** What is known of an image before it is built. */
type Image = Pick<WholeImage, "name" | "manifest">;

/** What can be known before a machine starts. */
export interface Pairing {
  readonly image: Image;
  readonly target: TargetManifest;
}

type Judgement = Omit<Capability, "name">;

const judgements: Readonly<Record<string, (pairing: Pairing) => Judgement>> = {
  updates: ({ image, target }) => {
    const { os, updates, versions } = image.manifest;
    const lacking = (families[os]?.needs ?? []).find((need) => target.lacks[need] !== undefined);
    if (lacking !== undefined) return { present: false, reason: `${os} needs a ${lacking}, and ${target.lacks[lacking]}` };
    if (os === "none") return { present: false, reason: `the manifest of ${image.name} says os: none, which has no updater` };
    if (!updates) return { present: false, reason: `the manifest of ${image.name} names no address its updater looks at` };
    const next = versions.slice(1).find((version) => version.good);
    if (!next) return { present: false, reason: `${image.name} has no later good version to update to` };
    return { present: true, reason: `${image.name} has version ${next.version} to update to` };
  },
  "never-good-version": ({ image }) => {
    const bad = image.manifest.versions.find((version) => !version.good);
    if (!bad) return { present: false, reason: `${image.name} has no version that is built never to become good` };
    return { present: true, reason: `version ${bad.version} of ${image.name} is built never to become good` };
  },
  "published-uki": ({ image }) => {
    const missing = image.manifest.versions.find((version) => version.good && version.uki === undefined);
    if (missing)
      return { present: false, reason: `${image.name} publishes no unified kernel image of version ${missing.version} to predict from` };
    return { present: true, reason: `${image.name} publishes its unified kernel images` };
  },
  uki: ({ image }) => {
    const { form } = image.manifest;
    const reason = `${image.name} has form ${form}`;
    if (form !== "oci") return { present: true, reason };
    return { present: false, reason: `${reason}: its kernel is handed over as it is, and no UKI is measured` };
  },
  sysext: ({ image }) => extensions(image, "sysext"),
  confext: ({ image }) => extensions(image, "confext"),
  ...Object.fromEntries(kinds.map((kind) => [kind, ({ image }: Pairing) => ofKind(image, kind)])),
  netboot: ({ image }) => {
    const { form } = image.manifest;
    return { present: form === "netboot", reason: `${image.name} has form ${form} here` };
  },
  "shared-kernel": ({ target }) =>
    target.declares.includes("shared-kernel")
      ? { present: true, reason: `target ${target.target} declares it` }
      : { present: false, reason: `the guest has a kernel of its own in ${target.target}, and nothing of the host to see` },
  tpm2: ({ target }) =>
    target.tpm
      ? { present: true, reason: `${target.target} has a ${target.tpm.device}` }
      : { present: false, reason: `target ${target.target} has no TPM` },
};

function ofKind(image: Image, wanted: (typeof kinds)[number]): Judgement {
  const { kind = "system" } = image.manifest;
  return { present: kind === wanted, reason: `the manifest of ${image.name} says kind: ${kind}` };
}

function extensions(image: Image, kind: "sysext" | "confext"): Judgement {
  const count = image.manifest.extensions.filter((extension) => extension.kind === kind).length;
  if (count === 0) return { present: false, reason: `${image.name} brings no ${kind} image to try` };
  return { present: true, reason: `${image.name} brings ${count} ${kind} ${count === 1 ? "image" : "images"}` };
}

/** Names of the capabilities that can be judged before a machine starts. */
export const imageCapabilityNames: readonly string[] = Object.keys(judgements);

/**
 * Judges a capability from the manifests alone. `present: false` is final; `present: true` only says that the manifests do not speak
 * against it, a running machine may. Undefined when the manifests say nothing about it.
 */
export function imageCapability(pairing: Pairing, name: string): Capability | undefined {
  const { lacks } = pairing.target;
  const lacking = Object.hasOwn(lacks, name) ? lacks[name] : undefined;
  if (lacking !== undefined) return { name, present: false, reason: lacking };
  return Object.hasOwn(judgements, name) ? { name, ...judgements[name]!(pairing) } : undefined;
}
