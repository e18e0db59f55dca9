import { expect, test } from "vitest";
import { cell, expected, outcomeOf, policy, seen, waiver, type Situation } from "../fixtures/situation.ts";

const situations: Readonly<Record<string, Situation>> = {
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
  "a failure of a changed suite is not compared, and said so": {
    now: seen(cell("boot/a", ["fail", { suiteDigest: "s2" }])),
    baseline: seen(cell("boot/a", "fail")),
    policy: policy({ tolerate: ["still-failing"] }),
    exit: 1,
    says: [
      "new-failure: os × pc, boot › a: failed (not compared with the baseline: the suite has changed)",
      "1 cells not compared with the baseline: changed since: boot",
    ],
  },
  "an expected test that errs is no outcome of it, and said once": {
    now: seen(cell("boot/a", "error")),
    policy: policy({ expected: expected({ tests: ["a"] }) }),
    exit: 2,
    says: ["error: os × pc, boot › a"],
  },
  "a waiver does not stand in for a cell that did not run": {
    now: seen(cell("boot/a", "not-run")),
    policy: policy({ waivers: [waiver({ excuses: ["fail", "flaky", "not-applicable"] })] }),
    exit: 2,
    says: ["missing: os × pc, boot › a: it did not run"],
  },
  "a flaky cell somebody waived": {
    now: seen(cell("boot/a", "pass", "fail")),
    policy: policy({ waivers: [waiver({ excuses: ["flaky"] })] }),
    exit: 0,
    says: ["known-issue"],
  },
  "an error cannot be waived": {
    now: seen(cell("boot/a", "error")),
    policy: policy({ waivers: [waiver({ excuses: ["fail", "flaky", "not-applicable"] })] }),
    exit: 2,
    says: ["error"],
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
  "a waived claim that passes, beside one that does not apply": {
    now: seen(cell("boot/a", "pass"), cell("boot/b", "not-applicable")),
    policy: policy({ waivers: [waiver()] }),
    exit: 0,
    says: ["unexpected-pass: os × pc, boot › a"],
  },
  "a waiver that was renewed beside the one that ran out": {
    now: seen(cell("boot/a", "fail")),
    policy: policy({ waivers: [waiver({ expires: "2026-06-14" }), waiver({ reason: "still known" })] }),
    exit: 0,
    says: ["expired waiver", "known-issue: os × pc, boot › a: still known"],
  },
  "a waiver for something else beside the one that excuses": {
    now: seen(cell("boot/a", "fail")),
    policy: policy({ waivers: [waiver({ excuses: ["not-applicable"] }), waiver({ reason: "the one" })] }),
    exit: 0,
    says: ["unused waiver", "known-issue: os × pc, boot › a: the one"],
  },
  "a waiver for failures does not excuse what no longer applies": {
    now: seen(cell("boot/a", "not-applicable")),
    baseline: seen(cell("boot/a", "pass")),
    policy: policy({ waivers: [waiver()] }),
    exit: 1,
    says: ["regressed"],
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
};

test.each(Object.entries(situations))("%s", (_, situation) => {
  const { got, wanted } = outcomeOf(situation);
  expect(got).toEqual(wanted);
});
