import { expect, test } from "vitest";
import { cell, elsewhere, now, outcomeOf, seen, type Situation } from "../fixtures/situation.ts";
import { decide } from "./decide.ts";
import { strictest } from "./policy.ts";

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
  "a failure that became a pass": { now: seen(cell("boot/a", "pass")), baseline: seen(cell("boot/a", "fail")), exit: 0, says: ["fixed"] },
  "a pass that no longer applies has lost something": {
    now: seen(cell("boot/a", ["not-applicable", { message: "sysext: gone" }])),
    baseline: seen(cell("boot/a", "pass")),
    exit: 1,
    says: ["regressed: os × pc, boot › a: it passed before, now: sysext: gone"],
  },
  "what no longer applies is lost in whatever words it was claimed": {
    now: seen(cell("boot/a", ["not-applicable", { message: "sysext: gone", suiteDigest: "s2" }])),
    baseline: seen(cell("boot/a", "pass")),
    exit: 1,
    says: ["regressed: os × pc, boot › a: it passed before (and the suite has changed), now: sysext: gone"],
  },
  "a pass of a changed suite is a pass, and not called fixed": {
    now: seen(cell("boot/a", ["pass", { suiteDigest: "s2" }])),
    baseline: seen(cell("boot/a", "fail")),
    exit: 0,
    says: ["1 cells not compared with the baseline: changed since: boot"],
  },
  "an error now says nothing of what passed before": {
    now: seen(cell("boot/a", "error")),
    baseline: seen(cell("boot/a", "pass")),
    exit: 2,
    says: ["error: os × pc, boot › a"],
  },
  "an error of the harness says nothing of the image": { now: seen(cell("boot/a", "error")), exit: 2, says: ["error"] },
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
  "a cell that passes now and failed before with the same image": {
    now: seen(cell("boot/a", "pass", "pass", "fail", "pass")),
    exit: 1,
    says: ["flaky: os × pc, boot › a: failed 1 of 4 times with the same image and suite"],
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
    now: { ...seen(cell("boot/a", "pass")), damage: ["r/records.jsonl:7: the line is not JSON"] },
    exit: 2,
    says: ["damaged: r/records.jsonl:7"],
  },
  "another target's older version is no outcome of this release": {
    now: seen(
      cell("boot/a", ["pass", { version: "2" }]),
      elsewhere("arm", cell("boot/a", ["pass", { version: "1", digest: "arm1", later: -5 }])),
    ),
    exit: 2,
    says: ["missing: os × arm, boot › a: tried with version 1 only, the newest is 2"],
  },
  "another target's own build of the same version is": {
    now: seen(
      cell("boot/a", ["pass", { version: "2" }]),
      elsewhere("arm", cell("boot/a", ["pass", { version: "2", digest: "arm2", later: -5 }])),
    ),
    exit: 0,
    says: [],
  },
  "a pass that does not say of which build": {
    now: seen(cell("boot/a", "pass"), cell("boot/b", ["pass", { digest: undefined }])),
    exit: 2,
    says: ["missing: os × pc, boot › b: its record does not say which build of the image was tried"],
  },
  "a pass from the future would outlive every failure": {
    now: seen(cell("boot/a", ["pass", { later: 48 }], ["fail", { digest: "old" }]), cell("boot/b", ["pass", { later: 49 }])),
    exit: 2,
    says: ["2 cells have outcomes of the future, the latest of 2026-06-17T13:00:00.000Z: newer ones cannot be told from older"],
  },
  "a baseline that cannot be read whole may hide what was lost": {
    now: seen(cell("boot/a", "not-applicable")),
    baseline: { ...seen(), damage: ["b/records.jsonl:7: the line is not JSON"] },
    exit: 2,
    says: ["damaged baseline: b/records.jsonl:7"],
  },
  "what passed before the baseline's own harness failed has passed": {
    now: seen(cell("boot/a", ["not-applicable", { message: "gone" }]), cell("boot/b", "fail")),
    baseline: seen(cell("boot/a", "error", "pass"), cell("boot/b", "not-run", "pass")),
    exit: 1,
    says: ["regressed: os × pc, boot › b", "regressed: os × pc, boot › a: it passed before, now: gone"],
  },
  "cells only the baseline has are said": {
    now: seen(cell("boot/a", "pass")),
    baseline: seen(cell("boot/a", "pass"), cell("boot/b", "pass")),
    exit: 0,
    says: ["1 cells of the baseline were not tried now"],
  },
};

test.each(Object.entries(situations))("%s", (_, situation) => {
  const { got, wanted } = outcomeOf(situation);
  expect(got).toEqual(wanted);
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
  const told = [...reasons];
  expect(told.map(({ weight }) => weight)).toEqual(["image", "image", "harness"]);
  expect(told[0]?.text).toContain("boot › c");
});
