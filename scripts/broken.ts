import { readFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { execa } from "execa";
import { cacheFolder } from "../harness/host/cache.ts";
import { OsbenchError } from "../harness/model/errors.ts";
import { lastAttempts, record, type CellRecord } from "../harness/model/record.ts";
import { readSuites, type ReadSuite } from "../harness/run/suites.ts";
import { claimsOf, judge, sameClaim, show, type Claim, type Verdict } from "./broken/judge.ts";
import { findBroken, type BrokenImage } from "./broken/names.ts";

const root = join(import.meta.dirname, "..");

interface Flags {
  readonly out: string;
  readonly workers?: number;
  readonly json?: boolean;
  readonly list?: boolean;
  readonly keep?: boolean;
}

/** Runs one suite on all images that must not pass it, as a person would, and reads what came of it. */
async function runSuite(suite: ReadSuite, images: readonly BrokenImage[], flags: Flags): Promise<CellRecord[]> {
  const out = join(flags.out, suite.source.name);
  await rm(out, { recursive: true, force: true });
  const argv = ["run", relative(root, suite.file), ...images.flatMap(({ name }) => ["--image", name]), "--out", out, "--no-live"];
  if (flags.workers !== undefined) argv.push("--workers", String(flags.workers));
  await execa(process.execPath, [join(root, "harness/cli/main.ts"), ...argv], {
    cwd: root,
    reject: false,
    stdout: process.stderr,
    stderr: "inherit",
  });
  const lines = (await readFile(join(out, "records.jsonl"), "utf8").catch(() => "")).split("\n").filter(Boolean);
  return lastAttempts(lines.map((line) => record.parse(JSON.parse(line))));
}

const concerns = (suite: ReadSuite, { broken }: BrokenImage): boolean => broken.claims[suite.source.name] !== undefined;

/** A broken image is made from a finished one in seconds and fills hundreds of megabytes: not worth keeping. */
async function forget({ name }: BrokenImage): Promise<void> {
  await rm(join(cacheFolder(), "images", name.replaceAll("/", "_")), { recursive: true, force: true });
}

function claimsOfSuites(suites: readonly ReadSuite[]): Claim[] {
  return suites.flatMap(({ source, tests }) => (tests ?? []).map((test) => ({ suite: source.name, test })));
}

/** Which image each claim was, or is to be, seen failing with. */
function printList(images: readonly BrokenImage[], claims: readonly Claim[], json: boolean | undefined): void {
  const rows = claims.map((claim) => ({
    ...claim,
    images: images.filter(({ broken }) => claimsOf(broken).some((one) => sameClaim(one, claim))).map(({ name }) => name),
  }));
  if (json) console.log(JSON.stringify({ claims: rows }));
  else for (const row of rows) console.log(`${show(row)}: ${row.images.join(", ") || "no image"}`);
}

function printVerdicts(verdicts: readonly Verdict[], neverSeen: readonly Claim[] | undefined): void {
  for (const { image, what, caught, failed, problems } of verdicts) {
    console.log(`${caught ? "caught " : "MISSED "} ${image}: ${what}`);
    for (const line of [...failed.map((one) => `${show(one)}: ${one.said}`), ...problems]) console.log(`         ${line}`);
  }
  if (neverSeen === undefined) return;
  console.log(neverSeen.length === 0 ? "Every claim of the suites was seen failing." : "Never seen failing:");
  for (const claim of neverSeen) console.log(`         ${show(claim)}`);
}

async function main(names: string[], flags: Flags): Promise<void> {
  const suites = await readSuites([join(root, "suites")]);
  const images = await findBroken(join(root, "images", "broken"), names, suites);
  if (flags.list) return printList(images, claimsOfSuites(suites), flags.json);
  const records: CellRecord[] = [];
  for (const [index, suite] of suites.entries()) {
    const concerned = images.filter((image) => concerns(suite, image));
    if (concerned.length > 0) records.push(...(await runSuite(suite, concerned, flags)));
    const over = concerned.filter((image) => !suites.slice(index + 1).some((later) => concerns(later, image)));
    if (!flags.keep) for (const image of over) await forget(image);
  }
  const verdicts = images.map(({ name, broken }) => judge(name, broken, records));
  const seen = verdicts.flatMap(({ failed }) => failed);
  // A part of the images says nothing about all claims.
  const neverSeen = names.length > 0 ? undefined : claimsOfSuites(suites).filter((claim) => !seen.some((one) => sameClaim(one, claim)));
  const failed = verdicts.filter(({ caught }) => !caught).length;
  if (flags.json) console.log(JSON.stringify({ passed: verdicts.length - failed, failed, verdicts, neverSeen }));
  else printVerdicts(verdicts, neverSeen);
  process.exitCode = failed === 0 ? 0 : 1;
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It is not a whole number of at least 1.");
  return Number(text);
}

await new Command("broken")
  .description(
    "Runs on every image that is broken on purpose the suites that must notice, and exits 1 unless exactly the claims its manifest names fail",
  )
  .argument("[names...]", "folders below images/broken; default: all")
  .option("--out <folder>", "where the run directories go", join(root, "out", "broken"))
  .option("-w, --workers <number>", "at most so many machines at once (default: what memory and cores allow)", wholeNumber)
  .option("--list", "run nothing: list every claim of the suites with the images that must fail it")
  .option("--keep", "keep the built images")
  .option("--json", "print one JSON object: passed, failed, verdicts, neverSeen (claims no image was seen failing)")
  .action(async (names: string[], flags: Flags) => {
    try {
      await main(names, flags);
    } catch (error) {
      if (!(error instanceof OsbenchError) || error.fault !== "input") throw error;
      console.error(error.message);
      process.exitCode = 2;
    }
  })
  .parseAsync();
