import { resolve } from "node:path";
import type { CellRecord, RunProvenance } from "../model/record.ts";
import { checkRequest, type Checked } from "./check.ts";
import type { Engine } from "./engine.ts";
import { execute, LateReporter, planUnprepared, type Executed } from "./execute.ts";
import { Expectations } from "./expectations.ts";
import type { Interruption } from "./interrupt.ts";
import { Ledger } from "./ledger.ts";
import { makeOutFolder, outFolderOf, runName } from "./outfolder.ts";
import { Pauses } from "./pause.ts";
import { combine, Plan } from "./plan.ts";
import { prepareCombinations, prepareTools, type PrepareOptions } from "./prepare.ts";
import { preparedFacts } from "./prepared-facts.ts";
import { startProvenance, writeProvenance } from "./provenance.ts";
import { noneSelected, readTests } from "./read-tests.ts";
import type { RunRequest } from "./request.ts";
import { shareOf } from "./shard/share.ts";
import { Workload, type Timing } from "./schedule/workload.ts";
import type { View } from "./view/view.ts";

export interface RunResult {
  readonly run: string;
  /** Absolute path of the run directory. */
  readonly folder: string;
  readonly records: readonly CellRecord[];
  /** What went wrong outside of any cell. */
  readonly problems: readonly string[];
  readonly durationMs: number;
  readonly timing: Timing;
}

/**
 * Runs suites against images in targets, from checking what was asked for to the last record. Every planned cell has a record at the end, however
 * it ends. Throws InputError, with everything that is wrong, before anything was started.
 */
export async function run(request: RunRequest, view: View, interruption: Interruption): Promise<RunResult> {
  const began = performance.now();
  const name = runName();
  const folder = outFolderOf(name, request.out);
  const started = startProvenance(name, request.command);
  // Wrong input is said without waiting for it.
  started.catch(() => {});
  const checked = await checkRequest(request, folder, { progress: (line) => view.note(line), signal: interruption.signal });
  const expectations = await Expectations.open();
  const reporter = new LateReporter();
  const combinations = combine(
    checked.images.map((image) => image.manifest),
    checked.targets,
  );
  let opening: Promise<Engine> | undefined;
  const engine = () => (opening ??= openEngine(combinations, request.filter, reporter));
  try {
    const all = new Plan(combinations, await readTests(checked.suites, engine), request.filter);
    if (all.cells.length === 0) throw noneSelected(checked.suites, request.filter ?? "");
    const { plan, facts } = await shareOf(all, request.shard);
    makeOutFolder(folder);
    const ledger = new Ledger(name, folder);
    const workload = new Workload();
    ledger.onRecord((record) => {
      view.record(record);
      expectations.learn(record);
      workload.add(record);
    });
    const provenance = { ...(await started), ...describePlan(plan), ...(facts && { shard: facts }) };
    await writeProvenance(folder, provenance);
    let executed: Executed;
    try {
      executed = await prepareAndExecute({
        request,
        checked,
        plan,
        ledger,
        engine,
        reporter,
        expectations,
        interruption,
        view,
        provenance,
      });
      if (executed.problems.length > 0) Object.assign(provenance, { problems: executed.problems });
    } finally {
      ledger.finish(interruption.reason() ?? "the run ended before this cell was reached");
      await writeProvenance(folder, { ...provenance, planned: ledger.planned, finished: new Date().toISOString() });
      await expectations.save();
    }
    const { problems, room } = executed;
    const durationMs = performance.now() - began;
    return { run: name, folder, records: ledger.records, problems, durationMs, timing: workload.timing(durationMs, room) };
  } finally {
    await (await opening?.catch(() => undefined))?.[Symbol.asyncDispose]();
    await checked.claim[Symbol.asyncDispose]();
  }
}

interface Begun {
  readonly request: RunRequest;
  readonly checked: Checked;
  readonly plan: Plan;
  readonly ledger: Ledger;
  readonly engine: () => Promise<Engine>;
  readonly reporter: LateReporter;
  readonly expectations: Expectations;
  readonly interruption: Interruption;
  readonly view: View;
  /** Completed as facts become known. */
  readonly provenance: RunProvenance;
}

async function prepareAndExecute(begun: Begun): Promise<Executed> {
  const { request, checked, plan, ledger, interruption, view, provenance } = begun;
  const options: PrepareOptions = { progress: (line) => view.note(line), signal: interruption.signal };
  let pauses: Pauses | undefined;
  let described: Promise<readonly string[]> | undefined;
  try {
    const tools = await prepareTools(request.tools, options);
    const prepared = await prepareCombinations(plan.combinations, checked.images, tools, options);
    described = describePrepared(provenance, ledger.folder, tools, prepared);
    pauses = request.pause && new Pauses({ stdin: process.stdin, forMs: request.pause.forMs, note: (text) => view.note(text) });
    const executed = await execute({
      ...begun,
      pauses,
      prepared,
      workers: request.workers,
      retries: request.retries,
      base: {
        run: ledger.run,
        runFolder: ledger.folder,
        tools: tools.place,
        pause: request.pause,
        signatures: request.signatures?.map((file) => resolve(file)),
        fresh: request.fresh,
      },
    });
    return { ...executed, problems: [...executed.problems, ...(await described)] };
  } catch (error) {
    planUnprepared(plan, ledger);
    // An interruption is no failure: what was not reached is recorded as not run.
    if (interruption.signal.aborted) return { problems: [], room: { machines: 1, cores: 1, memoryMiB: 1 } };
    ledger.finish(`the run could not go on: ${(error as Error).message}`);
    throw error;
  } finally {
    await described;
    pauses?.[Symbol.dispose]();
  }
}

/** Completes run.json beside the run: no machine waits until images and tools are read. Returns what went wrong, and never rejects. */
async function describePrepared(
  provenance: RunProvenance,
  folder: string,
  ...prepared: [Awaited<ReturnType<typeof prepareTools>>, Awaited<ReturnType<typeof prepareCombinations>>]
): Promise<readonly string[]> {
  try {
    Object.assign(provenance, await preparedFacts(provenance, ...prepared));
    await writeProvenance(folder, provenance);
    return [];
  } catch (error) {
    return [`run.json does not say what was tested: ${(error as Error).message}`];
  }
}

async function openEngine(combinations: Plan["combinations"], filter: string | undefined, reporter: LateReporter): Promise<Engine> {
  // Only now: vitest takes as long to read as the first machine to start.
  const { Engine } = await import("./engine.ts");
  return await Engine.open({ projects: combinations.map((combination) => combination.project), reporters: [reporter], filter });
}

function describePlan(plan: Plan): Pick<RunProvenance, "targets" | "suites" | "planned"> {
  return {
    targets: [...new Set(plan.combinations.map(({ target }) => target.target))],
    suites: plan.suites.map((suite) => suite.source.file),
    planned: plan.cells,
  };
}
