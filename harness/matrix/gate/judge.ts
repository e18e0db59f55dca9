import type { NewestBuild } from "./newest-builds.ts";
import type { CellName, Observation, SeenCell } from "./seen.ts";
import type { Verdict } from "./verdicts.ts";
import type { Policy, Waiver } from "./policy.ts";
import { expired, waiverFor } from "./waivers.ts";

export interface JudgedCell extends CellName {
  readonly verdict: Verdict;
  /** What makes it so, in one clause; undefined where the verdict says it all. */
  readonly why: string | undefined;
  /** The waiver that speaks of this cell, whether it still holds or not. */
  readonly waiver: Waiver | undefined;
}

export interface Circumstances {
  readonly policy: Policy;
  /** What the same cell was before; undefined without a baseline, or where that has no such cell. */
  readonly baseline: SeenCell | undefined;
  readonly newest: NewestBuild;
  readonly now: Date;
}

/** Judges one cell by its newest outcome. */
export function judge(cell: SeenCell, circumstances: Circumstances): JudgedCell {
  const { policy, now } = circumstances;
  const { verdict, why } = bare(cell, circumstances);
  const kind = excuseOf(cell.seen[0], verdict);
  const waiver = waiverFor(cell, kind, policy, now);
  const named = { image: cell.image, target: cell.target, suite: cell.suite, test: cell.test };
  if (!waiver) return { ...named, verdict, why, waiver };
  if (verdict === "pass" || verdict === "fixed") return { ...named, verdict: "unexpected-pass", why: `waived: ${waiver.reason}`, waiver };
  if (kind === undefined || !waiver.excuses.includes(kind)) return { ...named, verdict, why, waiver };
  if (expired(waiver, now)) return { ...named, verdict, why: `${why ?? verdict}; its waiver expired on ${waiver.expires}`, waiver };
  return {
    ...named,
    verdict: "known-issue",
    why: `${waiver.reason} (${waiver.owner}, ${waiver.tracker}, until ${waiver.expires})`,
    waiver,
  };
}

function excuseOf({ outcome }: Observation, verdict: Verdict): Waiver["excuses"][number] | undefined {
  if (verdict === "flaky") return "flaky";
  if (outcome === "fail" || outcome === "not-applicable") return outcome;
  return undefined;
}

function bare(cell: SeenCell, { policy, baseline, newest }: Circumstances): { verdict: Verdict; why: string | undefined } {
  const [now] = cell.seen;
  const message = now.message;
  if (now.outcome === "error") return { verdict: "error", why: message };
  if (now.outcome === "not-run") return { verdict: "missing", why: message ?? "it did not run" };
  const elder = ofAnotherBuild(now, newest);
  if (elder !== undefined) return { verdict: "missing", why: elder };
  // What the harness did then says nothing of the image: the last that is known does.
  const before = baseline?.seen.find(({ outcome }) => outcome !== "error" && outcome !== "not-run");
  const comparable = before !== undefined && sameSuite(before, now);
  if (now.outcome === "not-applicable") {
    // Lost is lost, in whatever words it was claimed: a changed suite must not hide it.
    const changed = comparable ? "" : " (and the suite has changed)";
    if (before?.outcome === "pass") return { verdict: "regressed", why: `it passed before${changed}, now: ${message ?? "not applicable"}` };
    return { verdict: "not-applicable", why: message };
  }
  const rate = failureRate(cell.seen);
  if (rate !== undefined && (now.outcome === "fail" || rate.failed / rate.tried > (policy.flaky?.most ?? 0)))
    return { verdict: "flaky", why: `failed ${rate.failed} of ${rate.tried} times with the same image and suite` };
  if (now.outcome === "pass") return { verdict: comparable && before.outcome === "fail" ? "fixed" : "pass", why: undefined };
  if (before === undefined) return { verdict: "new-failure", why: message };
  if (!comparable) return { verdict: "new-failure", why: `${message ?? "failed"} (not compared with the baseline: the suite has changed)` };
  if (before.outcome === "pass") return { verdict: "regressed", why: message };
  return { verdict: before.outcome === "fail" ? "still-failing" : "new-failure", why: message };
}

/** Why an outcome says nothing of what is to be released; undefined where it does. */
function ofAnotherBuild({ outcome, digest, version }: Observation, newest: NewestBuild): string | undefined {
  if (newest.version !== undefined && version !== "" && version !== newest.version)
    return `tried with version ${version} only, the newest is ${newest.version}`;
  if (digest !== undefined)
    return newest.digest !== undefined && digest !== newest.digest ? "tried on an older build of the image only" : undefined;
  // An image that could not be built has none, and fails; what passed was of some build.
  return outcome === "pass" && newest.digest !== undefined ? "its record does not say which build of the image was tried" : undefined;
}

/** Outcomes may only be compared of the same suite; where a revision is not known they are taken for different. */
export function sameSuite(a: Observation, b: Observation): boolean {
  return a.suiteDigest !== undefined && a.suiteDigest === b.suiteDigest;
}

/** How often a cell failed of those times it passed or failed with one image and suite; undefined if it always did the same. */
function failureRate(seen: SeenCell["seen"]): { failed: number; tried: number } | undefined {
  const [now] = seen;
  const same = seen.filter(
    ({ outcome, digest, suiteDigest }) =>
      (outcome === "pass" || outcome === "fail") &&
      digest !== undefined &&
      digest === now.digest &&
      (suiteDigest ?? now.suiteDigest) === now.suiteDigest,
  );
  const failed = same.filter(({ outcome }) => outcome === "fail").length;
  return failed > 0 && failed < same.length ? { failed, tried: same.length } : undefined;
}
