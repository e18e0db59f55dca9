import { lstat } from "node:fs/promises";
import type { KeyObject } from "node:crypto";
import path from "node:path";
import { InputError } from "../../model/errors.ts";
import { bundleFile, locateBundle } from "./bundle.ts";
import { keyId } from "./keys.ts";
import { verifyRun, type Verification } from "./verify.ts";

/** A certificate met while publishing. Only one that `holds` vouches for anything. */
export interface MetCertificate {
  /** The run directory it stands in; absolute. */
  readonly folder: string;
  readonly bundle: string;
  /** `unchecked`: nobody said whose key should have signed it. */
  readonly state: "holds" | "does-not-hold" | "unchecked";
  /** Why it does not hold. */
  readonly problems: readonly string[];
  readonly verification?: Verification;
}

export interface CertificateQuestion {
  /** Public key of who should have signed. */
  readonly key: KeyObject | undefined;
  /** Certificates, or run directories with one, that must be there. */
  readonly given: readonly string[];
}

/**
 * Checks the certificates of run directories, and those named, as `osbench verify` does. Throws InputError where a named one is not there.
 */
export async function certificatesOf(folders: readonly string[], { key, given }: CertificateQuestion): Promise<MetCertificate[]> {
  const met = new Map<string, string>();
  for (const folder of folders) {
    const bundle = path.join(folder, bundleFile);
    if (await exists(bundle)) met.set(bundle, folder);
  }
  for (const one of given) {
    const { bundle, folder } = await locateBundle(one);
    if (!(await exists(bundle)))
      throw new InputError([{ at: { flag: `--certificate ${one}` }, what: `there is no ${bundleFile} in it` }], "OSB_NO_BUNDLE");
    met.set(bundle, folder);
  }
  const checked: MetCertificate[] = [];
  for (const [bundle, folder] of met) checked.push(await check(bundle, folder, key));
  return checked;
}

async function check(bundle: string, folder: string, key: KeyObject | undefined): Promise<MetCertificate> {
  if (key === undefined) return { folder, bundle, state: "unchecked", problems: [] };
  try {
    const verification = await verifyRun(bundle, key);
    const { holds, problems } = verification;
    return { folder, bundle, state: holds ? "holds" : "does-not-hold", problems, verification };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return {
      ...{ folder, bundle, state: "does-not-hold", problems: error.problems.map(({ what }) => what) },
      verification: { bundle, folder, key: keyId(key), holds: false, problems: [] },
    };
  }
}

async function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
