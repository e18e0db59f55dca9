import type { CellRecord } from "../../harness/model/record.ts";

/** One claim: a test by its name, in a suite by its. */
export interface Claim {
  readonly suite: string;
  readonly test: string;
}

/** What became of one image that is broken on purpose. */
export interface Verdict {
  readonly image: string;
  readonly what: string;
  /** Every claim that must fail did, and nothing else is wrong. */
  readonly caught: boolean;
  /** The claims that failed as they must, each with what it said. */
  readonly failed: readonly (Claim & { readonly said: string })[];
  /** Everything that keeps the image from counting as caught, in sentences. */
  readonly problems: readonly string[];
}

/** The claims a manifest's `broken.claims` names. */
export function claimsOf(broken: { readonly claims: Readonly<Record<string, readonly string[]>> }): Claim[] {
  return Object.entries(broken.claims).flatMap(([suite, tests]) => tests.map((test) => ({ suite, test })));
}

export const sameClaim = (a: Claim, b: Claim): boolean => a.suite === b.suite && a.test === b.test;

/**
 * Judges an image by the records of its suites. It is caught when every claim named failed, no other claim did, nothing of the harness broke, and
 * only claims after a named one did not run: an image that fails for another reason than its own fault says nothing about the suites.
 */
export function judge(image: string, broken: { what: string; claims: Record<string, string[]> }, records: readonly CellRecord[]): Verdict {
  const named = claimsOf(broken);
  const own = records.filter((one) => one.image.name === image && broken.claims[one.suite.name] !== undefined);
  const failed: Verdict["failed"][number][] = [];
  const problems: string[] = [];
  for (const record of own) {
    const claim = { suite: record.suite.name, test: record.test };
    const isNamed = named.some((one) => sameClaim(one, claim));
    const said = firstLine(record);
    if (record.outcome === "fail" && isNamed) failed.push({ ...claim, said });
    else if (record.outcome === "fail") problems.push(`another claim failed: ${show(claim)}: ${said}`);
    else if (record.outcome === "error") problems.push(`the harness broke: ${show(claim)}: ${said}`);
    else if (isNamed) problems.push(`should have failed: ${show(claim)}: ${record.outcome}${said && `, ${said}`}`);
    else if (record.outcome === "not-run" && !follows(record, named)) problems.push(`did not run: ${show(claim)}: ${said}`);
  }
  for (const claim of named) {
    const count = own.filter((one) => sameClaim(claim, { suite: one.suite.name, test: one.test })).length;
    if (count === 0) problems.push(`should have failed: ${show(claim)}: there is no record of it`);
  }
  return { image, what: broken.what, caught: problems.length === 0, failed, problems };
}

export const show = ({ suite, test }: Claim): string => `${suite} › ${test}`;

/** After a failure the machine's state is unknown, and the claims behind it on the same machine do not run. */
function follows(record: CellRecord, named: readonly Claim[]): boolean {
  return named.some(({ suite, test }) => suite === record.suite.name && record.reason?.includes(`after "${test}" failed`));
}

function firstLine({ failure, reason }: CellRecord): string {
  return (failure?.message ?? reason ?? "").split("\n")[0] as string;
}
