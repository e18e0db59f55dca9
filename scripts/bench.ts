import { Command } from "commander";
import { benchBoot } from "./bench/boot.ts";
import { benchVerdict, line } from "./bench/verdict.ts";

/** `npm run bench -- NAME [--json]`: prints ratios taken in one run on one machine, never a test. */
const program = new Command("bench").description("Measures osbench against doing without it, in pairs, on this machine now");

program
  .command("boot")
  .description("wall time of a boot under the harness against bare QEMU with the same command line")
  .option("--image <name>", "image to boot", "tiny")
  .option("--pairs <n>", "pairs to measure", "5")
  .option("--json", "print one JSON object")
  .action(async (options: { image: string; pairs: string; json?: boolean }) => {
    const progress = (line: string) => void process.stderr.write(`${line}\n`);
    const result = await benchBoot({ image: options.image, pairs: Number(options.pairs), progress });
    if (options.json) console.log(JSON.stringify(result));
    else {
      for (const [index, pair] of result.pairs.entries())
        console.log(
          `pair ${index + 1}: harness ${pair.harness.toFixed(2)} s, bare ${pair.bare.toFixed(2)} s, ratio ${pair.ratio.toFixed(3)}`,
        );
      console.log(`median ratio ${result.ratio.toFixed(3)}`);
    }
  });

program
  .command("verdict")
  .description("boots that are broken on purpose: is each verdict right, and how long after its proof does it come")
  .option("--only <id...>", "only these of images/broken-boots/cases.yaml", [])
  .option("--out <folder>", "keep the evidence of every boot there")
  .option("--json", "print one JSON object")
  .action(async (options: { only: string[]; out?: string; json?: boolean }) => {
    const interruption = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interruption.abort(new Error(`ended by ${signal}`)));
    const progress = (text: string) => void process.stderr.write(`${text}\n`);
    const result = await benchVerdict({ only: options.only, out: options.out, progress, signal: interruption.signal });
    if (options.json) console.log(JSON.stringify(result));
    else {
      for (const judged of result.cases) console.log(line(judged));
      console.log(
        `${result.right} of ${result.kinds} right, ${result.falseAlarms} false alarms in ${result.controls} good boots; ` +
          `median ${result.medianSeconds.toFixed(2)} s, worst ${result.worstSeconds.toFixed(2)} s after the proof`,
      );
    }
    process.exitCode = result.right === result.kinds && result.falseAlarms === 0 ? 0 : 1;
  });

await program.parseAsync();
