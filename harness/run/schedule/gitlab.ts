import { stringify } from "yaml";
import type { Plan } from "../plan.ts";
import type { Previewed, PreviewUnit } from "./preview.ts";

export interface GitlabOptions {
  /** The suites, images and targets as typed, to plan the same again in the last job. */
  readonly selection: readonly string[];
  readonly suites: readonly string[];
  /** Flags of every job beyond its image and target: --filter, --set, … */
  readonly flags: readonly string[];
  /** What starts osbench in a job. */
  readonly run: string;
  /** Policy and baselines of the gate. */
  readonly gate: readonly string[];
  /** Keywords the pipeline starts with: `default`, `variables`, `include`. */
  readonly base?: Readonly<Record<string, unknown>>;
}

/** How much longer than expected a job may take, for neighbours; and what it has for preparing tools and image, in minutes. */
const margin = 3;
const preparationMinutes = 20;
/** A guess may be far off. */
const guessMargin = 6;

const jobsFolder = "osbench-jobs";

/**
 * A GitLab child pipeline (https://docs.gitlab.com/ci/yaml/): a job for each image in each target, the longest first; a job is tried once more when
 * osbench or its host broke (exit code 3), never when a claim failed. The last job merges what all of them left, killed ones too, and is the only one
 * that decides.
 */
export function gitlabPipeline(previewed: Pick<Previewed, "plan" | "preview" | "typed">, options: GitlabOptions): string {
  const { plan, preview, typed } = previewed;
  const { run, selection, gate, base = {} } = options;
  const columns = columnsOf(plan, preview.units);
  const names = columns.map(({ image, target }) => `${image} × ${target}`);
  const words = (...argv: readonly string[]) => argv.map(quoted).join(" ");
  const verdict = {
    stage: "verdict",
    // Without `needs`, which GitLab limits to fifty jobs: it comes after all of the stage before, with what they left.
    when: "always",
    script: [
      `${run} plan ${words(...selection)} --json > osbench-plan.json`,
      `${run} merge ${jobsFolder}/*/* --plan osbench-plan.json --to out/merged --junit out/merged.junit.xml`,
      // What is decided does not depend on what can be shown.
      `${run} matrix ${words("out/merged", "--to", "out/matrix", ...gate)} || echo 'the matrix could not be published'`,
      `${run} gate ${words("out/merged", ...gate)}`,
    ],
    artifacts: {
      when: "always",
      paths: ["out/merged/", "out/matrix/"],
      reports: { junit: "out/merged.junit.xml" },
      expose_as: "compatibility matrix",
      expire_in: "12 weeks",
    },
  };
  const jobs = columns.map((column, index) => [names[index], jobOf(column, typed, options)]);
  const pipeline = { ...base, stages: ["machines", "verdict"], ...Object.fromEntries(jobs), verdict };
  const head = [
    "# Written by `osbench plan --gitlab`. Exit codes of a job: 0 all claims hold, 1 a claim failed, 3 osbench or its host broke.",
    `# ${preview.cells} cells, ${columns.length} jobs.`,
  ];
  return `${head.join("\n")}\n${stringify(pipeline, { lineWidth: 0 })}`;
}

interface Column {
  readonly image: string;
  readonly target: string;
  readonly units: readonly PreviewUnit[];
}

/** The longest first: jobs are started in the order of the file. An image that does not fit a target has a job too, which says so in a second. */
function columnsOf(plan: Plan, units: readonly PreviewUnit[]): Column[] {
  const length = ({ units: own }: Column) => own.reduce((sum, { expectedMs }) => sum + expectedMs, 0);
  return plan.combinations
    .map(({ image: { image }, target: { target } }) => ({
      image,
      target,
      units: units.filter((unit) => unit.image === image && unit.target === target),
    }))
    .sort((a, b) => length(b) - length(a));
}

function jobOf({ image, target, units }: Column, { images, targets }: Previewed["typed"], { run, suites, flags }: GitlabOptions) {
  const name = `${image}.${target}`.replaceAll(/[^\w.-]+/g, "_");
  const junit = `${jobsFolder}/${name}.junit.xml`;
  const out = `${jobsFolder}/${name}/$(date -u +%Y%m%dT%H%M%SZ)-$$`;
  const argv = [...suites, "--image", images.get(image) ?? image, "--target", targets.get(target) ?? target, ...flags]
    .map(quoted)
    .join(" ");
  return {
    stage: "machines",
    timeout: timeoutOf(units),
    // What the image does wrong is for the last job to judge; where osbench broke, or was killed, the job has failed.
    allow_failure: { exit_codes: [1] },
    retry: { max: 1, exit_codes: [3] },
    script: [`${run} run ${argv} --wait --no-live --out "${out}" --junit ${quoted(junit)}`],
    artifacts: { when: "always", paths: [`${jobsFolder}/${name}/`], reports: { junit }, expire_in: "4 weeks" },
  };
}

/** Whole quarters of an hour, as GitLab reads them. */
function timeoutOf(units: readonly PreviewUnit[]): string {
  const ms = units.reduce((sum, { expectedMs, timed, tests }) => sum + expectedMs * (timed === tests.length ? margin : guessMargin), 0);
  const minutes = Math.ceil((ms / 60_000 + preparationMinutes) / 15) * 15;
  const hours = Math.floor(minutes / 60);
  return [hours > 0 ? `${hours}h` : "", minutes % 60 > 0 ? `${minutes % 60}m` : ""].filter(Boolean).join(" ");
}

/** A word as sh reads it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
