import { Command } from "commander";
import { benchBoot } from "./bench/boot.ts";

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

await program.parseAsync();
