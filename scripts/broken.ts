import { readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { execa } from "execa";
import { findImage } from "../harness/image/manifest.ts";
import { record } from "../harness/model/record.ts";

/** What became of one image that is broken on purpose. It is caught when a claim failed and nothing of the harness did. */
interface Verdict {
  readonly image: string;
  readonly what: string;
  readonly caught: boolean;
  /** The claims that failed, with the first line of what they said. */
  readonly failed: readonly string[];
  readonly errors: readonly string[];
}

const root = join(import.meta.dirname, "..");

async function judge(name: string, out: string): Promise<Verdict> {
  const image = await findImage(`broken/${name}`);
  const { what = "", suites = [] } = image.manifest.broken ?? {};
  await rm(out, { recursive: true, force: true });
  const argv = ["run", ...suites.map((suite) => join("suites", suite)), "--image", `broken/${name}`, "--out", out, "--no-live"];
  await execa(process.execPath, [join(root, "harness/cli/main.ts"), ...argv], {
    cwd: root,
    reject: false,
    stdout: process.stderr,
    stderr: "inherit",
  });
  const lines = (await readFile(join(out, "records.jsonl"), "utf8").catch(() => "")).split("\n").filter(Boolean);
  const records = lines.map((line) => record.parse(JSON.parse(line)));
  const failed = records.filter(({ outcome }) => outcome === "fail");
  const errors = records.filter(({ outcome }) => outcome === "error");
  const say = (one: (typeof records)[number]) =>
    `${one.suite.name} › ${one.test}: ${one.failure?.message.split("\n")[0] ?? one.reason ?? ""}`;
  return { image: name, what, caught: failed.length > 0 && errors.length === 0, failed: failed.map(say), errors: errors.map(say) };
}

const program = new Command("broken")
  .description("Builds every image that is broken on purpose, runs the suites that must notice, and exits 1 if one passes")
  .argument("[names...]", "folders below images/broken; default: all")
  .option("--out <folder>", "where the run directories go", join(root, "out", "broken"))
  .option("--json", "print one JSON object: passed, failed, verdicts")
  .action(async (names: string[], options: { out: string; json?: boolean }) => {
    const all = names.length > 0 ? names : (await readdir(join(root, "images", "broken"))).sort();
    const verdicts: Verdict[] = [];
    for (const name of all) verdicts.push(await judge(name, join(options.out, name)));
    const failed = verdicts.filter(({ caught }) => !caught).length;
    if (options.json) console.log(JSON.stringify({ passed: verdicts.length - failed, failed, verdicts }));
    else
      for (const { image, what, caught, failed: claims, errors } of verdicts) {
        console.log(`${caught ? "caught " : "MISSED "} ${image}: ${what}`);
        for (const line of [...claims, ...errors.map((error) => `error: ${error}`)]) console.log(`         ${line}`);
      }
    process.exitCode = failed === 0 ? 0 : 1;
  });

await program.parseAsync();
