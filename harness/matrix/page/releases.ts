import type { Edition } from "../site/site-data.ts";
import { moment, shortDigest } from "./format.ts";

/** One side of a comparison: a version of an image, or one build of it. */
export interface Release {
  readonly name: string;
  readonly label: string;
  readonly image: string;
  /** The newest build of it in each column. */
  readonly editions: ReadonlyMap<number, Edition>;
  readonly last: number;
}

/** The releases of an image, newest first: each version, and each build where a version has several in one column. */
export function releasesOf(image: string, editions: readonly Edition[]): Release[] {
  const byVersion = Map.groupBy(editions, (edition) => edition.version);
  const releases: Release[] = [];
  for (const [version, own] of byVersion) {
    const newest = new Map<number, Edition>();
    // Editions come newest first.
    for (const edition of own) if (!newest.has(edition.column)) newest.set(edition.column, edition);
    const last = Math.max(...own.map((edition) => edition.last));
    const many = own.length > newest.size;
    const label = `${image} ${version || "(no version)"}${many ? ", newest builds" : ""}`;
    releases.push({ name: [image, version].join(" | "), label, image, editions: newest, last });
    if (!many) continue;
    for (const [digest, builds] of Map.groupBy(own, (edition) => edition.digest)) {
      const built = Math.max(...builds.map((edition) => edition.last));
      releases.push({
        ...{ name: [image, version, digest].join(" | "), image, last: built },
        label: `${image} ${version} build ${shortDigest(digest)}, tested ${moment(new Date(built).toISOString())}`,
        editions: new Map(builds.map((edition) => [edition.column, edition])),
      });
    }
  }
  return releases.sort((a, b) => b.last - a.last || a.name.length - b.name.length);
}

export const changes = ["regressed", "still", "fixed", "new", "gone", "unknown", "same"] as const;
export type ChangeKind = (typeof changes)[number];

/**
 * What became of a cell from one release to the other; letters of outcomes, a space for none. An error of the harness says nothing of an image, so it
 * neither regresses nor fixes anything: what is known is a pass, a failure, or that a claim does not apply.
 */
export function changeOf(before: string, after: string): ChangeKind | undefined {
  if (before === " " && after === " ") return undefined;
  const known = (letter: string) => letter === "p" || letter === "f" || letter === "n";
  if (!known(before) && !known(after)) return "unknown";
  if (!known(before)) return "new";
  if (!known(after)) return "gone";
  if (before === after) return after === "f" ? "still" : "same";
  if (before === "n") return "new";
  if (after === "n") return "gone";
  return after === "f" ? "regressed" : "fixed";
}
