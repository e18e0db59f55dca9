import { expect, test } from "vitest";
import type { Outcome } from "../../model/record.ts";
import { decide } from "./decide.ts";
import { strictest, type Policy, type Waiver } from "./policy.ts";
import type { Seen, SeenCell } from "./seen.ts";

const now = new Date("2026-06-15T12:00:00Z");

type Sight = Outcome | [outcome: Outcome, more: { digest?: string; suiteDigest?: string; message?: string }];

/** A cell of image `os` in target `pc`, its newest outcome first. */
function cell(name: string, ...sights: Sight[]): SeenCell {
  const [suite = "", test = ""] = name.split("/");
  const seen = sights.map((sight, index) => {
    const [outcome, more] = typeof sight === "string" ? [sight, {}] : sight;
    return {
      outcome,
      started: new Date(now.getTime() - (index + (more.digest === "old" ? 9 : 0)) * 3_600_000).toISOString(),
      digest: "new",
      suiteDigest: "s1",
      message: undefined,
      ...more,
    };
  });
  return { image: "os", target: "pc", suite, test, seen: seen as unknown as SeenCell["seen"] };
}

const seen = (...cells: SeenCell[]): Seen => ({ cells, damage: [] });
const policy = (parts: Partial<Policy>): Policy => ({ ...strictest, policy: "release", ...parts });
const every = ["*"];
const waiver = (parts: Partial<Waiver> = {}): Waiver => ({
  cells: { image: every, target: every, suite: ["boot"], test: every },
  excuses: ["fail"],
  reason: "known",
  owner: "ann",
  tracker: "T-1",
  expires: "2026-06-15",
  at: { file: "p.yaml", line: 3, column: 5 },
  ...parts,
});
const expected = (parts: Partial<Policy["expected"][number]> = {}): Policy["expected"] => [
  { image: ["os"], target: ["pc"], suite: ["boot"], tests: undefined, ...parts },
];

interface Situation {
  readonly now: Seen;
  readonly policy?: Policy;
  readonly baseline?: Seen;
  readonly exit: number;
  /** A part of each reason there is, in order. */
  readonly says: readonly string[];
}

const situations: Readonly<Record<string, Situation>> = {
  "everything passes": { now: seen(cell("boot/a", "pass")), exit: 0, says: [] },
  "a claim that does not apply is no fault": { now: seen(cell("boot/a", "not-applicable")), exit: 0, says: [] },
  "nothing was tested": { now: seen(), exit: 2, says: ["no outcome of any cell"] },
  "a failure without a baseline": {
    now: seen(cell("boot/a", ["fail", { message: "no login" }])),
    exit: 1,
    says: ["new-failure: os × pc, boot › a: no login"],
  },
  "a pass that became a failure": {
    now: seen(cell("boot/a", "fail")),
    baseline: seen(cell("boot/a", "pass")),
    exit: 1,
    says: ["regressed"],
  },
  "a failure that stays one": {
    now: seen(cell("boot/a", "fail")),
    baseline: seen(cell("boot/a", "fail")),
    exit: 1,
    says: ["still-failing"],
  },
  "a failure that stays one, tolerated": {
    now: seen(cell("boot/a", "fail")),
    baseline: seen(cell("boot/a", "fail")),
    policy: policy({ tolerate: ["still-failing"] }),
    exit: 0,
    says: ["still-failing"],
  },
  "a tolerated kind of failure does not cover a regression": {
    now: seen(cell("boot/a", "fail"), cell("boot/b", "fail")),
    baseline: seen(cell("boot/a", "fail"), cell("boot/b", "pass")),
    policy: policy({ tolerate: ["still-failing"] }),
    exit: 1,
    says: ["regressed: os × pc, boot › b", "still-failing: os × pc, boot › a"],
  },
  "a failure that became a pass": { now: seen(cell("boot/a", "pass")), baseline: seen(cell("boot/a", "fail")), exit: 0, says: ["fixed"] },
  "a failure of a changed suite is not compared, and said so": {
    now: seen(cell("boot/a", ["fail", { suiteDigest: "s2" }])),
    baseline: seen(cell("boot/a", "fail")),
    policy: policy({ tolerate: ["still-failing"] }),
    exit: 1,
    says: ["new-failure: os × pc, boot › a: failed (not compared with the baseline: the suite has changed)"],
  },
  "a pass that no longer applies has lost something": {
    now: seen(cell("boot/a", ["not-applicable", { message: "sysext: gone" }])),
    baseline: seen(cell("boot/a", "pass")),
    exit: 1,
    says: ["regressed: os × pc, boot › a: it passed before, now: sysext: gone"],
  },
  "an error of the harness says nothing of the image": { now: seen(cell("boot/a", "error")), exit: 2, says: ["error"] },
  "an error cannot be waived": {
    now: seen(cell("boot/a", "error")),
    policy: policy({ waivers: [waiver({ excuses: ["fail", "flaky", "not-applicable"] })] }),
    exit: 2,
    says: ["error"],
  },
  "an image's failure outweighs an error": {
    now: seen(cell("boot/a", "error"), cell("boot/b", "fail")),
    exit: 1,
    says: ["new-failure", "error"],
  },
  "a planned cell that did not run": {
    now: seen(cell("boot/a", "pass"), cell("boot/b", ["not-run", { message: "interrupted" }])),
    exit: 2,
    says: ["missing: os × pc, boot › b: interrupted"],
  },
  "an older pass does not stand in for a cell that did not run": {
    now: seen(cell("boot/a", "not-run", "pass")),
    exit: 2,
    says: ["missing"],
  },
  "an expected suite nobody ran": {
    now: seen(cell("pcr/a", "pass")),
    policy: policy({ expected: expected() }),
    exit: 2,
    says: ["missing: os × pc, boot › any test: expected, but there is no outcome"],
  },
  "an expected target nobody ran": {
    now: seen(cell("boot/a", "pass")),
    policy: policy({ expected: expected({ target: ["pc", "arm"] }) }),
    exit: 2,
    says: ["missing: os × arm, boot › any test"],
  },
  "an expected test nobody ran": {
    now: seen(cell("boot/a", "pass")),
    policy: policy({ expected: expected({ tests: ["a", "b"] }) }),
    exit: 2,
    says: ["missing: os × pc, boot › b"],
  },
  "an expected suite that does not apply": {
    now: seen(cell("boot/a", ["not-applicable", { message: "no TPM" }])),
    policy: policy({ expected: expected() }),
    exit: 2,
    says: ["expected, but not applicable: no TPM"],
  },
  "a failure somebody waived": {
    now: seen(cell("boot/a", "fail")),
    policy: policy({ waivers: [waiver()] }),
    exit: 0,
    says: ["known-issue: os × pc, boot › a: known (ann, T-1, until 2026-06-15)"],
  },
  "a waiver ends with its last day": {
    now: seen(cell("boot/a", "fail")),
    policy: policy({ waivers: [waiver({ expires: "2026-06-14" })] }),
    exit: 1,
    says: ["its waiver expired on 2026-06-14", "expired waiver: p.yaml:3"],
  },
  "a waiver nothing meets": {
    now: seen(cell("pcr/a", "pass")),
    policy: policy({ waivers: [waiver()] }),
    exit: 0,
    says: ["unused waiver: p.yaml:3: known (ann, T-1)"],
  },
  "a waived claim that passes": {
    now: seen(cell("boot/a", "pass")),
    policy: policy({ waivers: [waiver()] }),
    exit: 0,
    says: ["unexpected-pass: os × pc, boot › a: waived: known"],
  },
  "a waiver for several, some of which pass": {
    now: seen(cell("boot/a", "pass"), cell("boot/b", "fail")),
    policy: policy({ waivers: [waiver()] }),
    exit: 0,
    says: ["known-issue: os × pc, boot › b"],
  },
  "a waiver for failures does not excuse what no longer applies": {
    now: seen(cell("boot/a", "not-applicable")),
    baseline: seen(cell("boot/a", "pass")),
    policy: policy({ waivers: [waiver()] }),
    exit: 1,
    says: ["regressed"],
  },
  "a cell that passes now and failed before with the same image": {
    now: seen(cell("boot/a", "pass", "pass", "fail", "pass")),
    exit: 1,
    says: ["flaky: os × pc, boot › a: failed 1 of 4 times with the same image and suite"],
  },
  "as flaky as the policy allows": {
    now: seen(cell("boot/a", "pass", "pass", "fail", "pass")),
    policy: policy({ flaky: { most: 0.25 } }),
    exit: 0,
    says: [],
  },
  "a flaky cell that failed last is never let pass by its rate": {
    now: seen(cell("boot/a", "fail", "pass", "pass", "pass")),
    policy: policy({ flaky: { most: 0.5 } }),
    exit: 1,
    says: ["flaky"],
  },
  "a failure of an older build does not make a cell flaky": {
    now: seen(cell("boot/a", "pass", ["fail", { digest: "old" }])),
    exit: 0,
    says: [],
  },
  "an error in between does not make a cell flaky": { now: seen(cell("boot/a", "pass", "error", "pass")), exit: 0, says: [] },
  "a pass of an older build only": {
    now: seen(cell("boot/a", "pass"), cell("boot/b", ["pass", { digest: "old" }])),
    exit: 2,
    says: ["missing: os × pc, boot › b: tried on an older build of the image only"],
  },
  "records that cannot be read may hide a failure": {
    now: { cells: [cell("boot/a", "pass")], damage: ["r/records.jsonl:7: the line is not JSON"] },
    exit: 2,
    says: ["damaged: r/records.jsonl:7"],
  },
  "cells only the baseline has are said": {
    now: seen(cell("boot/a", "pass")),
    baseline: seen(cell("boot/a", "pass"), cell("boot/b", "pass")),
    exit: 0,
    says: ["1 cells of the baseline were not tried now"],
  },
};

test.each(Object.entries(situations))("%s", (_, situation) => {
  const { exitCode, reasons } = decide(situation.now, situation.policy ?? strictest, situation.baseline, now);
  const texts = reasons.map(({ text }) => text);
  expect({ exitCode, texts }).toEqual({ exitCode: situation.exit, texts: situation.says.map((part) => expect.stringContaining(part)) });
});

test("reasons against images come first, and of each kind the shortest", () => {
  const { reasons } = decide(
    seen(
      cell("boot/a", ["fail", { message: "a long story of how the machine did not come up" }]),
      cell("boot/b", "error"),
      cell("boot/c", ["fail", { message: "no" }]),
    ),
    strictest,
    undefined,
    now,
  );
  expect(reasons.map(({ weight }) => weight)).toEqual(["image", "image", "harness"]);
  expect(reasons[0]?.text).toContain("boot › c");
});
