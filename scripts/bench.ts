import { Command } from "commander";
import { benchBoot } from "./bench/boot.ts";
import { benchConsole } from "./bench/console.ts";
import { benchMoments, momentsWords } from "./bench/moments.ts";
import { benchMatching, matchingWords } from "./bench/matching.ts";
import { benchMatrix, matrixWords } from "./bench/matrix.ts";
import { benchSchedule } from "./bench/schedule.ts";
import { benchVerdict, line } from "./bench/verdict.ts";

const progress = (text: string) => void process.stderr.write(`${text}\n`);

/** Prints a result: as one JSON object if that is asked for, else in words. */
function tell<Result>({ json }: { readonly json?: boolean }, result: Result, words: (result: Result) => string | readonly string[]): void {
  console.log(json ? JSON.stringify(result) : [words(result)].flat().join("\n"));
}

/** Aborts when somebody ends the program, so that no machine stays. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => controller.abort(new Error(`ended by ${signal}`)));
  return controller.signal;
}

/** `npm run bench -- NAME [--json]`: prints ratios taken in one run on one machine, never a test. */
const program = new Command("bench").description("Measures osbench against doing without it, in pairs, on this machine now");

program
  .command("boot")
  .description("wall time of a boot under the harness against bare QEMU with the same command line")
  .option("--image <name>", "image to boot", "tiny")
  .option("--pairs <n>", "pairs to measure", "5")
  .option("--json", "print one JSON object")
  .action(async (options: { image: string; pairs: string; json?: boolean }) => {
    tell(options, await benchBoot({ image: options.image, pairs: Number(options.pairs), progress }), ({ pairs, ratio }) => [
      ...pairs.map(
        (pair, index) =>
          `pair ${index + 1}: harness ${pair.harness.toFixed(2)} s, bare ${pair.bare.toFixed(2)} s, ratio ${pair.ratio.toFixed(3)}`,
      ),
      `median ratio ${ratio.toFixed(3)}`,
    ]);
  });

program
  .command("targets")
  .description("how long tiny takes to boot in every target, by phase, and what processor, PCR banks, cores and the UKI's size contribute")
  .option("--target <name...>", "only these targets (default: every one without Secure Boot)", [])
  .option("--vary <name>", "the target in which one thing at a time is changed; none for no such boots", "x86_64")
  .option("--runs <n>", "boots of each machine, of which the median counts", "1")
  .option("--json", "print one JSON object")
  .action(async (options: { target: string[]; vary: string; runs: string; json?: boolean }) => {
    const { benchTargets, table } = await import("./bench/targets.ts");
    const vary = options.vary === "none" ? undefined : options.vary;
    const result = await benchTargets({
      ...{ targets: options.target, vary, runs: Number(options.runs), progress, signal: interruption() },
    });
    tell(options, result, table);
  });

program
  .command("container")
  .description("how soon a system container answers its first command and is ready; and whether anything stays when osbench is killed")
  .option("--image <name>", "image to start", "debian-ab")
  .option("--runs <n>", "containers, of which the median counts", "20")
  .option("--kills <n>", "rounds in which osbench is killed in the middle", "0")
  .option("--against <target>", "compare with emulated machines of this target, booted and forked; none for no comparison", "x86_64")
  .option("--boots <n>", "boots to compare with", "3")
  .option("--forks <n>", "forks to compare with", "20")
  .option("--json", "print one JSON object")
  .action(async (options: Record<"image" | "runs" | "kills" | "against" | "boots" | "forks", string> & { json?: boolean }) => {
    const { benchContainer } = await import("./bench/container.ts");
    const result = await benchContainer({
      ...{ image: options.image, runs: Number(options.runs), kills: Number(options.kills), progress },
      against:
        options.against === "none" ? undefined : { target: options.against, boots: Number(options.boots), forks: Number(options.forks) },
    });
    tell(options, result, ({ readyMedianSeconds, firstCommandMedianSeconds, kills, against }) => {
      const times = `first command after ${firstCommandMedianSeconds.toFixed(2)} s, ready after ${readyMedianSeconds.toFixed(2)} s (medians)`;
      const killed = `${kills.rounds} kills, ${kills.left} left something behind`;
      if (!against) return `${times}; ${killed}`;
      const { target, bootMedianSeconds: boot, forkMedianSeconds: fork } = against;
      return `${times}; on ${target} a boot's after ${boot.toFixed(2)} s, a fork's after ${fork.toFixed(2)} s; ${killed}`;
    });
    if (result.kills.left > 0) process.exitCode = 1;
  });

program
  .command("startup")
  .description("from `osbench run` as typed to the start of its first machine, beside what an empty program takes the same way")
  .option("--runs <n>", "runs, of which the median counts", "5")
  .option("--json", "print one JSON object")
  .action(async (options: { runs: string; json?: boolean }) => {
    const { benchStartup } = await import("./bench/startup.ts");
    tell(options, await benchStartup(Number(options.runs), progress), ({ medianSeconds, floorSeconds, ratio }) => {
      const floor = `an empty program takes ${floorSeconds.toFixed(2)} s: ${ratio.toFixed(1)} times`;
      return `first machine after ${medianSeconds.toFixed(2)} s (median), ${floor}`;
    });
  });

program
  .command("verdict")
  .description("boots that are broken on purpose: is each verdict right, and how long after its proof does it come")
  .option("--only <id...>", "only these of images/broken-boots/cases.yaml", [])
  .option("--out <folder>", "keep the evidence of every boot there")
  .option("--record", "keep what the boots said with the corpus, for the test that plays it again")
  .option("--json", "print one JSON object")
  .action(async (options: { only: string[]; out?: string; record?: boolean; json?: boolean }) => {
    const result = await benchVerdict({
      ...{ only: options.only, out: options.out, record: options.record ?? false },
      ...{ progress, signal: interruption() },
    });
    tell(options, result, ({ cases, right, kinds, falseAlarms, controls, medianSeconds, worstSeconds }) => [
      ...cases.map(line),
      `${right} of ${kinds} right, ${falseAlarms} false alarms in ${controls} good boots; ` +
        `median ${medianSeconds.toFixed(2)} s, worst ${worstSeconds.toFixed(2)} s after the proof`,
    ]);
    process.exitCode = result.right === result.kinds && result.falseAlarms === 0 ? 0 : 1;
  });

program
  .command("console")
  .description(
    "commands, output and files over the guest's lines against a bare loop on them, and against a kernel that talks all the time",
  )
  .option("--image <name>", "image to boot", "tiny")
  .option("--commands <n>", "commands on ttyS0 while the kernel talks", "10000")
  .option("--files <n>", "random files copied both ways on both lines", "200")
  .option("--json", "print one JSON object")
  .action(async (options: { image: string; commands: string; files: string; json?: boolean }) => {
    const counts = { commands: Number(options.commands), files: Number(options.files) };
    const result = await benchConsole({ image: options.image, ...counts, progress });
    if (options.json) console.log(JSON.stringify(result));
    process.exitCode = result.wrong + result.lost + result.filesWrong === 0 ? 0 : 1;
  });

program
  .command("moments")
  .description(
    "from asking for a machine to its first command's answer: a fork of a saved machine against a boot; and what saving and forking cost",
  )
  .option("--image <name>", "image to boot", "tiny")
  .option("--target <name>", "target to put it in", "x86_64")
  .option("--boots <n>", "boots to measure", "3")
  .option("--forks <n>", "forks to measure, one after the other", "20")
  .option("--together <n>", "forks at once, whose memory is measured", "8")
  .option("--kills <n>", "rounds of fork, run and dispose that are killed at random moments", "0")
  .option("--memory <mib>", "memory of the guest (default: what target and image say)")
  .option("--isolated <n>", "tests that each run on a fork of their own: what they take all together", "0")
  .option("--sizes <list>", "memories of guests, in MiB, whose saving is measured; e.g. 512,1024,2048,4096", "")
  .option("--json", "print one JSON object")
  .action(
    async (
      options: Record<"image" | "target" | "boots" | "forks" | "together" | "kills" | "isolated" | "sizes", string> & {
        memory?: string;
        json?: boolean;
      },
    ) => {
      const { image, target } = options;
      const counts = {
        boots: Number(options.boots),
        forks: Number(options.forks),
        together: Number(options.together),
        kills: Number(options.kills),
        memory: options.memory === undefined ? undefined : Number(options.memory),
        isolated: Number(options.isolated),
        sizes: options.sizes.split(",").filter(Boolean).map(Number),
      };
      const result = await benchMoments({ image, target, ...counts, progress });
      tell(options, result, momentsWords);
      process.exitCode = result.samePcrs && result.ownRandomness && !result.kills?.wrong.length && !result.isolated?.leaks ? 0 : 1;
    },
  );

program
  .command("matching")
  .description("processor time it takes to look for signatures in recorded consoles")
  .option("--rounds <n>", "how often the recordings are read", "100")
  .option("--json", "print one JSON object")
  .action(async (options: { rounds: string; json?: boolean }) => {
    tell(options, await benchMatching(Number(options.rounds)), matchingWords);
  });

program
  .command("schedule")
  .description("wall time of a matrix run by osbench against the least any order of its suites could take on as many machines")
  .option("--image <name...>", "images", ["debian-ab", "tiny"])
  .option("--target <name...>", "targets (default: every built-in one)", [])
  .option("--suite <path...>", "suites", ["suites"])
  .option("--workers <n>", "at most so many machines at once")
  .option("--out <folder>", "keep the run there")
  .option("--json", "print one JSON object")
  .action(async (options: { image: string[]; target: string[]; suite: string[]; workers?: string; out?: string; json?: boolean }) => {
    const result = await benchSchedule({
      ...{ images: options.image, targets: options.target, suites: options.suite, out: options.out },
      workers: options.workers === undefined ? undefined : Number(options.workers),
    });
    tell(options, result, ({ wallSeconds, lowerBoundSeconds, ratio, machines, cells, counts, unexplained }) => [
      `${cells} cells: ${Object.entries(counts)
        .map(([outcome, count]) => `${count} ${outcome}`)
        .join(", ")}`,
      ...unexplained,
      `${wallSeconds} s, at best ${lowerBoundSeconds} s on ${machines} machines: ×${ratio}`,
    ]);
    process.exitCode = result.unexplained.length === 0 ? 0 : 1;
  });

program
  .command("matrix")
  .description("time and memory it takes to publish records and to decide on them, and time to open the page, by number of records")
  .option("--records <n...>", "how many", ["1000", "10000", "100000", "1000000"])
  .option("--history", "records beyond 10,000 are older outcomes of the same cells; without, every record is a cell of its own")
  .option("--json", "print one JSON object a line")
  .action(async (options: { records: string[]; history?: boolean; json?: boolean }) => {
    for (const records of options.records.map(Number)) {
      tell(options, await benchMatrix(records, options.history ? "history" : "distinct", progress), matrixWords);
    }
  });

await program.parseAsync();
