/** A run without images: what `osbench run` does once everything is prepared. Arguments: run folder, milliseconds of grace, suite files. */
import { appendFileSync } from "node:fs";
import { execute, LateReporter } from "../execute.ts";
import { Engine } from "../engine.ts";
import { Expectations } from "../expectations.ts";
import { watchInterruption } from "../interrupt.ts";
import { Ledger } from "../ledger.ts";
import { exitCodeOf } from "../outcome.ts";
import { Plan } from "../plan.ts";
import { readSuites } from "../suites.ts";
import { plainView } from "../view/plain.ts";
import { startSpareWorker } from "../schedule/spare.ts";
import { exampleCombination } from "../examples.ts";

const [folder = "", grace, ...files] = process.argv.slice(2);
appendFileSync(`${folder}/noted`, `spare ${startSpareWorker()}\n`);
const view = plainView(process.stderr);
const interruption = watchInterruption({ onFirst: (words) => view.note(words) });
const combination = exampleCombination();
const { image, target } = combination;
const built = { manifest: image, name: image.image, folder: "/nowhere", digest: "00", architecture: target.arch };
const suites = await readSuites(files);
const reporter = new LateReporter();
const expectations = await Expectations.open(folder);
const engine = await Engine.open({
  projects: [combination.project],
  reporters: [reporter],
});
const read = await Promise.all(suites.map(async (suite) => ({ ...suite, tests: (await engine.readTests(suite.file)).tests })));
const plan = new Plan([combination], read);
const ledger = new Ledger("example", folder);
ledger.onRecord((record) => view.record(record));
const { problems } = await execute({
  plan,
  prepared: [{ combination, image: built, accelerator: "tcg", why: "an example", firmware: "an example" }],
  ledger,
  engine: () => Promise.resolve(engine),
  reporter,
  expectations,
  interruption,
  view,
  workers: 2,
  retries: 1,
  graceMs: Number(grace),
  base: { run: "example", runFolder: folder, tools: { kind: "host", root: "", digest: undefined } },
});
ledger.finish(interruption.reason() ?? "never reached");
await engine[Symbol.asyncDispose]();
process.exitCode = exitCodeOf(ledger.records, problems, interruption.signal.aborted);
interruption[Symbol.dispose]();
