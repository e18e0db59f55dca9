import { expect, test } from "vitest";
import { parse } from "yaml";
import { exampleCombination } from "../examples.ts";
import { Plan, type PlannedSuite } from "../plan.ts";
import { gitlabPipeline } from "./gitlab.ts";
import type { Preview, PreviewUnit } from "./preview.ts";

const suite: PlannedSuite = { file: "/s/boot", source: { name: "boot", digest: "1", file: "boot" }, tests: ["boots"] };
const plan = new Plan([exampleCombination("small"), exampleCombination("big/one"), exampleCombination("small", "riscv64")], [suite]);
const unit = (image: string, expectedMs: number, timed = 1): PreviewUnit => ({
  ...{ image, target: "x86_64", suite: "boot", tests: ["boots"], memoryMiB: 512, slot: 1, fromMs: 0 },
  ...{ expectedMs, timed },
});
const preview: Preview = {
  ...{ cells: 3, guessed: 0, machines: 2, reason: "2 cores", expectedMs: 0, lowerBoundMs: 0, notApplicable: [] },
  units: [unit("small", 60_000, 0), unit("big/one", 3_600_000)],
};
const typed = { images: new Map([["big/one", "images/big/one"]]), targets: new Map([["riscv64", "./my-target.yaml"]]) };
interface Job {
  readonly stage: string;
  readonly timeout?: string;
  readonly script: readonly string[];
  readonly retry?: unknown;
  readonly allow_failure?: unknown;
  readonly when?: string;
  readonly artifacts: { readonly when: string; readonly paths: readonly string[]; readonly reports: { readonly junit: string } };
}
const pipeline = () =>
  parse(
    gitlabPipeline(
      { plan, preview, typed },
      {
        selection: ["suites/boot", "--image", "small", "--filter", "it's up"],
        suites: ["suites/boot"],
        flags: ["--filter", "it's up"],
        run: "./osbench",
        gate: ["--policy", "release.yaml"],
        base: { default: { tags: ["kvm"] } },
      },
    ),
  ) as Record<string, Job> & { stages: string[]; default: unknown };

test("a job for each image in each target, the longest first, after what all jobs share", () => {
  expect(Object.keys(pipeline())).toEqual(["default", "stages", "big/one × x86_64", "small × x86_64", "small × riscv64", "verdict"]);
  expect(pipeline().default).toEqual({ tags: ["kvm"] });
});

test("a job runs its part, has time by what was learned, is tried again only after errors of the harness, and leaves what there is", () => {
  const { "big/one × x86_64": big, "small × x86_64": small } = pipeline();
  expect(big?.script).toEqual([
    "./osbench run suites/boot --image images/big/one --target x86_64 --filter 'it'\\''s up' --wait --no-live " +
      `--out "osbench-jobs/big_one.x86_64/$(date -u +%Y%m%dT%H%M%SZ)-$$" --junit osbench-jobs/big_one.x86_64.junit.xml`,
  ]);
  expect(pipeline()["small × riscv64"]?.script[0]).toContain("--image small --target ./my-target.yaml ");
  // Three times an hour and twenty minutes; six times a guess of a minute.
  expect([big?.timeout, small?.timeout]).toEqual(["3h 30m", "30m"]);
  expect(big?.retry).toEqual({ max: 1, exit_codes: [3] });
  expect(big?.allow_failure).toEqual({ exit_codes: [1] });
  expect(big?.artifacts).toMatchObject({
    when: "always",
    paths: ["osbench-jobs/big_one.x86_64/"],
    reports: { junit: "osbench-jobs/big_one.x86_64.junit.xml" },
  });
});

test("the last job runs whatever became of the others, misses what is missing, and decides", () => {
  const { verdict } = pipeline();
  expect(verdict?.when).toBe("always");
  expect(verdict?.script.map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
    "./osbench plan",
    "./osbench merge",
    "./osbench matrix",
    "./osbench gate",
  ]);
  expect(verdict?.script[0]).toContain(`--filter 'it'\\''s up' --json > osbench-plan.json`);
  expect(verdict?.script[1]).toContain("osbench-jobs/*/* --plan osbench-plan.json");
  expect(verdict?.script.slice(2)).toEqual([
    "./osbench matrix out/merged --to out/matrix --policy release.yaml || echo 'the matrix could not be published'",
    "./osbench gate out/merged --policy release.yaml",
  ]);
});
