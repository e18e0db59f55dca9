import path from "node:path";
import type { CellRecord } from "../../model/record.ts";
import type { MetCertificate } from "../certify/site-certificates.ts";
import { kindOfRecord } from "../kind-words.ts";
import type { RunHead } from "./run-head.ts";
import { certifiedCode, type SiteCertificate } from "./site-data.ts";

/** Beyond this many the rest are the same damage again. */
const mostProblems = 50;

/** The certificates of what a site shows, and which result stands under which. */
export class Certificates {
  readonly shown: readonly SiteCertificate[];
  readonly #byFolder = new Map<string, number>();

  constructor(met: readonly MetCertificate[], heads: readonly Pick<RunHead, "folder" | "run">[]) {
    const runOf = new Map(heads.map(({ folder, run }) => [folder, run]));
    this.shown = met.map((one) => siteCertificate(one, runOf.get(one.folder)));
    for (const [number, { folder }] of met.entries()) {
      // Of several in one directory the one that holds vouches for its results.
      const known = this.#byFolder.get(folder);
      if (known === undefined || (met[known]!.state !== "holds" && met[number]!.state === "holds")) this.#byFolder.set(folder, number);
    }
  }

  /** The character of the index for a result of that run directory; undefined where it stands under no certificate. */
  codeOf(folder: string, record: CellRecord): number | undefined {
    const certificate = this.#byFolder.get(folder);
    return certificate === undefined ? undefined : certifiedCode(certificate, kindOfRecord(record));
  }
}

function siteCertificate({ bundle, state, problems, verification }: MetCertificate, run: string | undefined): SiteCertificate {
  const { key, result, hardware, notice, counts, files } = verification ?? {};
  const told = problems.slice(0, mostProblems);
  if (problems.length > mostProblems) told.push(`and ${problems.length - mostProblems} more`);
  return {
    ...{ state, file: path.basename(bundle), problems: told },
    ...(run !== undefined && { run }),
    ...(key !== undefined && { key }),
    // What does not hold claims nothing here.
    ...(state === "holds" && { result, hardware, notice, counts, files }),
  } as SiteCertificate;
}
