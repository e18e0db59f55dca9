import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../model/testdata/temporary.ts";
import { covers, loadPolicy } from "./policy.ts";

async function policyOf(text: string) {
  const file = join(temporaryFolder(), "policy.yaml");
  await writeFile(file, text);
  return loadPolicy(file);
}

const whole = `policy: release
expected:
  - { image: os, target: [pc, arm], suite: boot }
waivers:
  - cells: { target: arm, test: "holds in PCR *" }
    reason: the firmware measures in another order
    owner: firmware team
    tracker: T-1
    expires: 2027-03-31
`;

test("a policy is read with the place of each waiver", async () => {
  const policy = await policyOf(whole);
  expect(policy.expected).toEqual([{ image: ["os"], target: ["pc", "arm"], suite: ["boot"] }]);
  expect(policy.waivers[0]).toMatchObject({ excuses: ["fail"], expires: "2027-03-31", at: { line: 5, column: 5 } });
});

test.each([
  ["a waiver without an end", whole.replace("    expires: 2027-03-31\n", ""), /policy\.yaml:5:\d+: .*expires/s],
  ["a day that does not exist", whole.replace("03-31", "02-30"), /:9:\d+: .*date/s],
  ["an unknown key", whole.replace("owner:", "owners:"), /:7:\d+: .*owner/s],
  ["an expectation that matches instead of naming", whole.replace("suite: boot", 'suite: "b*"'), /:3:\d+: .*must be named/s],
  ["a verdict that cannot be tolerated", `${whole}tolerate: [regressed]\n`, /:10:\d+: /],
])("%s is refused with its place", async (_, text, message) => {
  await expect(policyOf(text)).rejects.toThrow(message);
});

test("a star stands for anything, and nothing else is special", () => {
  const scope = { image: ["*"], target: ["arm"], suite: ["*"], test: ["holds in PCR * (sha256)"] };
  const cell = { image: "os", target: "arm", suite: "pcr", test: "holds in PCR 11 (sha256)" };
  expect(covers(scope, cell)).toBe(true);
  expect(covers(scope, { ...cell, target: "arm64" })).toBe(false);
  expect(covers({ ...scope, test: ["holds.in*"] }, cell)).toBe(false);
});
