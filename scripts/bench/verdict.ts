import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { proveAccelerator } from "../../harness/host/accelerator.ts";
import { openTools } from "../../harness/host/toolbox.ts";
import { makeWorkspace } from "../../harness/host/workspace.ts";
import { Expectations, type Patience } from "../../harness/machine/expected.ts";
import type { Machine } from "../../harness/machine/machine.ts";
import { openMachine } from "../../harness/machine/open.ts";
import type { Accelerator, WorkerContext } from "../../harness/model/context.ts";
import { OsbenchError } from "../../harness/model/errors.ts";
import type { Architecture } from "../../harness/model/target.ts";
import { findTarget } from "../../harness/machine/targets.ts";
import { BrokenBootMaker, loadBrokenBoots, type BrokenBoot } from "./broken-boots.ts";
import { keepReplays } from "./replay.ts";
import { readRecording, whenTold } from "./recording.ts";

const patienceMs = 20_000;
const longestMs = 180_000;
/** For boots nothing proves broken but time: how much longer than the good boots of this host just before they may take. */
const patience: Patience = { margin: 3, floorMs: 20_000 };

/** What osbench said of one boot of the corpus. */
export interface Judged {
  readonly id: string;
  readonly right: boolean;
  /** What it should say and what it said: diagnosis, fault, phase. */
  readonly wanted: string;
  readonly said: string;
  /** From the moment the proof had arrived to the moment the boot was given up; undefined for a boot that was not to be given up. */
  readonly seconds: number | undefined;
  /** What the seconds count from: the proof, with what silence after it belongs to it, or the end of what the phase may last. */
  readonly from: string;
  /** From switching on to the verdict. */
  readonly bootSeconds: number;
  /** What a person is told. */
  readonly message: string;
}

export interface VerdictBench {
  /** Broken boots tried; the good ones among them, which must not be called broken, are told apart. */
  readonly kinds: number;
  readonly right: number;
  readonly controls: number;
  readonly falseAlarms: number;
  readonly medianSeconds: number;
  readonly worstSeconds: number;
  readonly cases: readonly Judged[];
}

export interface VerdictOptions {
  /** Ids of the corpus; everything if empty. */
  readonly only: readonly string[];
  /** Folder that keeps the evidence of every boot. */
  readonly out?: string | undefined;
  /** Keep what the boots said with the corpus, of those that were judged right. */
  readonly record?: boolean;
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Boots the corpus of broken boots through the code a run uses, and measures whether each verdict is right and how long after its proof it came. */
export async function benchVerdict(options: VerdictOptions): Promise<VerdictBench> {
  const { progress, signal } = options;
  const boots = await loadBrokenBoots(options.only);
  const workspace = await makeWorkspace("bench");
  try {
    const tools = await openTools("toolbox", { progress, signal });
    const maker = new BrokenBootMaker(tools, workspace, signal, progress);
    const context = {
      run: "bench",
      runFolder: options.out === undefined ? workspace : resolve(options.out),
      tools,
      bus: undefined,
    };
    const acceleratorOf = async (arch: Architecture) => (await proveAccelerator(tools, arch)).accelerator;
    const cases: Judged[] = [];
    for (const boot of await withTeachers(boots, await acceleratorOf("x86_64"))) {
      // Nothing here is about measuring, and firmware with a TPM hashes every byte it loads in emulated code.
      const { tpm: _tpm, ...target } = await findTarget(boot.target);
      const accelerator = await acceleratorOf(target.arch);
      const made = await maker.make(boot);
      try {
        const own = { ...target, arguments: [...target.arguments, ...boot.arguments] };
        const judged = await judge(boot, { ...context, accelerator, image: made.image, target: own }, signal);
        cases.push(judged);
        progress(line(judged));
        if (options.record && judged.right) await keepReplays(new Map([[boot.id, join(context.runFolder, "evidence", boot.id)]]));
      } finally {
        await made.remove();
      }
    }
    return sum(cases);
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

/** Silence can only be judged where good boots taught how long the phases last: those that are missing come first. */
async function withTeachers(boots: readonly BrokenBoot[], accelerator: Accelerator): Promise<BrokenBoot[]> {
  const teachers = new Map<string, BrokenBoot>();
  for (const boot of boots.filter(isSilent)) {
    const known = await Expectations.load(`broken-boots/${boot.base}`, boot.target, accelerator);
    if (known.median(boot.phase) !== undefined || boots.some(({ id }) => id === `good-${boot.base}`)) continue;
    const [teacher] = await loadBrokenBoots([`good-${boot.base}`]);
    if (teacher) teachers.set(teacher.id, teacher);
  }
  return [...teachers.values(), ...boots];
}

/** Whether nothing but time proves that the boot is broken. */
function isSilent({ proof, event, verdict }: BrokenBoot): boolean {
  return proof === undefined && event === undefined && verdict !== undefined;
}

/** One case as a line of the table. */
export function line({ id, right, wanted, said, seconds, from, bootSeconds }: Judged): string {
  const delay = seconds === undefined ? "" : `${seconds.toFixed(2)} s after ${from}`;
  const words = right ? said : `${said}, should be ${wanted}`;
  return `${right ? "right" : "WRONG"}  ${id.padEnd(24)} ${bootSeconds.toFixed(0).padStart(4)} s  ${words}  ${delay}`.trimEnd();
}

function sum(cases: readonly Judged[]): VerdictBench {
  const controls = cases.filter(({ wanted }) => wanted === "ready");
  const broken = cases.filter((one) => !controls.includes(one));
  const seconds = broken.flatMap((one) => one.seconds ?? []).sort((a, b) => a - b);
  return {
    kinds: broken.length,
    right: broken.filter(({ right }) => right).length,
    controls: controls.length,
    falseAlarms: controls.filter(({ right }) => !right).length,
    medianSeconds: seconds[Math.floor(seconds.length / 2)] ?? 0,
    worstSeconds: seconds.at(-1) ?? 0,
    cases,
  };
}

async function judge(boot: BrokenBoot, context: WorkerContext, signal: AbortSignal): Promise<Judged> {
  // Recordings are added to: an earlier one would prove what this one does not.
  await rm(join(context.runFolder, "evidence", boot.id), { recursive: true, force: true });
  const machine = await openMachine(context, { cell: boot.id, signal, ...(isSilent(boot) && { patience }) });
  // The recording begins with the machine.
  const began = performance.now();
  const waiting = new AbortController();
  if (boot.proof !== undefined && boot.ends !== "ready") void giveUp(machine, new RegExp(boot.proof, "m"), waiting);
  let error: unknown;
  try {
    await machine.boot("ready", { signal: waiting.signal, timeoutMs: longestMs });
    if (boot.ends === "shell") await machine.shell();
  } catch (thrown) {
    error = thrown;
  }
  waiting.abort();
  const ended = performance.now();
  await machine[Symbol.asyncDispose]();
  signal.throwIfAborted();
  const wanted = wantedOf(boot);
  const said =
    boot.ends === "ready" && boot.verdict !== undefined && error === undefined
      ? describeSigns(machine, wanted)
      : describeVerdict(error, boot.says);
  const proven = await whenProven(boot, context, machine.evidenceFolder, began);
  const silence = boot.quiet > 0 ? `its proof and ${boot.quiet} s of silence` : "its proof";
  return {
    ...{ id: boot.id, right: said === wanted && (boot.verdict === undefined || proven !== undefined), wanted, said },
    from: isSilent(boot)
      ? boot.processors === "running"
        ? "the longest time this phase may take"
        : "the longest silence this phase may have"
      : silence,
    seconds: boot.ends === "ready" || boot.verdict === undefined || proven === undefined ? undefined : Math.max(0, ended - proven) / 1000,
    bootSeconds: (ended - began) / 1000,
    message: error instanceof Error ? error.message : "",
  };
}

/** A verdict that does not come with its proof need not be waited for. */
async function giveUp(machine: Machine, proof: RegExp, waiting: AbortController): Promise<void> {
  try {
    await machine.console.expect(proof, { from: 0, timeoutMs: 3_600_000, signal: waiting.signal });
  } catch {
    return;
  }
  const late = setTimeout(() => waiting.abort(new Error(`no verdict within ${patienceMs / 1000} s of its proof`)), patienceMs);
  waiting.signal.addEventListener("abort", () => clearTimeout(late), { once: true });
}

/** What should be said of a boot: diagnosis, fault, phase, and what its message must hold. */
export function wantedOf({ verdict, fault, phase, says }: BrokenBoot): string {
  return verdict === undefined ? "ready" : [verdict, fault, phase, ...(says === undefined ? [] : [says])].join(", ");
}

/** Diagnosis, fault and phase of what a boot was given up with, and what its message is asked to hold, if it does. */
export function describeVerdict(error: unknown, says?: string): string {
  if (error === undefined) return "ready";
  if (!(error instanceof OsbenchError)) return String(error);
  const id = error.diagnosis?.id ?? /\(([a-z][a-z0-9-]+)\)/.exec(error.message)?.[1] ?? error.code;
  const phase = error.diagnosis?.phase ?? /, (\w+) phase/.exec(error.message)?.[1] ?? "ready";
  const words = says !== undefined && new RegExp(says).test(error.message) ? [says] : [];
  return [id, error.diagnosis?.fault ?? error.fault, phase, ...words].join(", ");
}

/** The sign that should stand on the record of a boot that went on, if it does; else what stands there. */
export function describeSigns(machine: Machine, wanted: string): string {
  const signs = machine.use().boots.flatMap((boot) => boot.signs ?? []);
  if (wanted === "ready") return wanted;
  const words = signs.map(({ id, fault, phase }) => [id, fault, phase].join(", "));
  return words.includes(wanted) ? wanted : `ready; on record: ${words.join("; ") || "nothing"}`;
}

/** When nobody needed to wait any longer, in this process's time: the proof stood on the line, the monitor told it, or its silence had lasted too long. */
async function whenProven(boot: BrokenBoot, context: WorkerContext, evidence: string, began: number): Promise<number | undefined> {
  const recording = await readRecording(evidence);
  if (boot.proof !== undefined) {
    const at = recording.whenSaid(new RegExp(boot.proof, "m"));
    return at === undefined ? undefined : began + recording.quietSince(at, boot.quiet * 1000) + boot.quiet * 1000;
  }
  if (boot.event !== undefined) {
    const at = await whenTold(evidence, boot.event);
    return at === undefined ? undefined : at - performance.timeOrigin;
  }
  const begun = recording.whenMarked(`boot 1: ${boot.phase}`);
  if (begun === undefined) return undefined;
  const { image, target, accelerator } = context;
  const expected = await Expectations.load(image.name, target.target, accelerator, patience);
  const [limit, silence] = [expected.limit(boot.phase), expected.silence(boot.phase)];
  if (boot.processors !== "running") return began + Math.max(begun, recording.lastSaid) + silence;
  // Processors that get about may be at work: only the phase's time can run out, and one that talks has twice as much.
  const silent = begun + limit - recording.saidBefore(begun + limit);
  return began + begun + (silent >= Math.min(silence, limit) / 2 ? limit : 2 * limit);
}
