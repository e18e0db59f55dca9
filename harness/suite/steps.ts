import path from "node:path";
import { OsbenchError } from "../model/errors.ts";
import type { CommandResult } from "../model/shell.ts";
import type { Capability } from "../model/target.ts";
import type { Machine } from "../machine/machine.ts";
import { adapterFor } from "../os/families.ts";
import type { Cell } from "./cell.ts";
import { attachJournal, StepEvidence } from "./evidence.ts";
import { seenError } from "../model/thrown.ts";
import { classify } from "./failure.ts";
import type { Step } from "./load.ts";
import { observe } from "./observe.ts";
import { askedOfMachine, askMachine, requireFromMachine } from "./requirements.ts";
import { needRunning, noUnexpectedBoot } from "./seen-boots.ts";
import { failureDetails, formatStepFailure } from "./step-message.ts";
import type { Verb, VerbContext } from "./verb.ts";
import { verbs } from "./verbs/index.ts";

/** Thrown for a failed step: its message is for people, and its stack leads to the step's line of the YAML. */
class StepError extends Error {}

export interface StepsOptions {
  readonly cell: Cell;
  readonly machine: Machine;
  readonly memory: Map<string, unknown>;
  /** The machine was to be given booted: one that could not be forked is booted before the first step, whatever that is. */
  readonly booted?: boolean;
  /** Capabilities that tests need which go on from here: known as soon as the machine runs, so that what an update has lost fails them. */
  readonly foreseen?: readonly string[];
  /** The steps are another test's, done again to get to one of its moments. */
  readonly repeating?: { readonly moment: string; readonly test: string };
  readonly keep: VerbContext["keep"];
  readonly defer: (release: () => unknown) => void;
  readonly onStep: (text: string) => void;
}

/** Runs a test's steps on a machine, one call a step, so that each has a line of its own in the compiled module. */
export class Steps {
  readonly #steps: readonly Step[];
  readonly #options: StepsOptions;
  readonly #evidence: StepEvidence;
  readonly #context: VerbContext;
  #commands: CommandResult[] = [];
  #done = 0;
  #foreseen = false;

  constructor(steps: readonly Step[], options: StepsOptions) {
    this.#steps = steps;
    this.#options = options;
    const machine = observe(options.machine, (result) => this.#commands.push(result));
    this.#evidence = new StepEvidence(machine, options.memory);
    this.#context = {
      machine,
      os: adapterFor(machine),
      tools: options.cell.context.tools,
      memory: options.memory,
      signal: options.cell.signal,
      attach: (name, content) => this.#evidence.attach(name, content),
      keep: options.keep,
      defer: options.defer,
    };
  }

  /**
   * Asks the running machine for capabilities, booting it if no test has. Throws NotApplicable for one that is missing. One that an earlier test
   * found is not asked for again: what an update has lost must fail, not be skipped.
   */
  async require(names: readonly string[]): Promise<void> {
    await needRunning(this.#context, "requires");
    const { machine, memory } = this.#context;
    for (const name of names) {
      const found = (capability: Capability) => this.#options.cell.found(capability);
      const known = memory.get(`capability ${name}`) as Capability | undefined;
      if (known) {
        found(known);
        continue;
      }
      await requireFromMachine(machine, [name], (capability) => {
        found(capability);
        if (capability.present) memory.set(`capability ${name}`, capability);
      });
    }
  }

  /** How many steps have passed. */
  get done(): number {
    return this.#done;
  }

  /**
   * Runs one step; resolves with whether it came to the moment that was wanted. Rejects with an error whose stack starts where this was called, which
   * the source map takes to the YAML.
   */
  run(index: number): Promise<boolean> {
    const origin: { stack?: string } = {};
    Error.captureStackTrace(origin, this.run);
    return this.#run(this.#steps[index]!, origin.stack!);
  }

  async #run(step: Step, origin: string): Promise<boolean> {
    const started = new Date();
    const { repeating } = this.#options;
    const log = { step: step.text, at: placeOf(step), ...(repeating && { repeated: repeating.test }), started };
    this.#commands = [];
    this.#options.onStep(step.text);
    try {
      await this.#do(verbs[step.verb]!, step.input);
      this.#done++;
      await this.#evidence.log({ ...log, ms: Date.now() - started.getTime(), commands: this.#commands });
      return step.verb === "moment" && step.input === repeating?.moment;
    } catch (error) {
      const commands = this.#commands;
      const message = seenError(error).message ?? String(error);
      await this.#evidence.log({ ...log, ms: Date.now() - started.getTime(), commands, error: message });
      throw await this.#explain(error, step, origin, commands.at(-1));
    }
  }

  async #do(verb: Verb, input: unknown): Promise<void> {
    const args = verb.schema.parse(input);
    if (this.#options.booted && this.#context.machine.boots.length === 0) await needRunning(this.#context, verb.name);
    if (verb.needs === "on") {
      await needRunning(this.#context, verb.name);
      noUnexpectedBoot(this.#context);
      await this.#foresee();
    }
    await verb.run(this.#context, args);
  }

  async #foresee(): Promise<void> {
    if (this.#foreseen) return;
    this.#foreseen = true;
    const { machine, memory } = this.#context;
    for (const name of askedOfMachine(this.#options.foreseen ?? [])) {
      if (memory.has(`capability ${name}`)) continue;
      const capability = await askMachine(machine, name);
      if (capability.present) memory.set(`capability ${name}`, capability);
    }
  }

  async #explain(error: unknown, step: Step, origin: string, command: CommandResult | undefined): Promise<unknown> {
    const seen = seenError(error);
    const judged = classify(seen);
    const { cell, machine } = this.#options;
    if (judged.outcome === "not-applicable") {
      cell.judge(judged);
      return error;
    }
    if (!cell.signal.aborted) await attachJournal(machine, this.#evidence);
    const known = error instanceof OsbenchError ? { hint: error.hint, evidence: error.evidence } : { hint: undefined, evidence: {} };
    const { repeating } = this.#options;
    const before = repeating ? `getting to the moment \`${repeating.moment}\` as "${repeating.test}" does: ` : "";
    const failure = {
      message: before + (seen.message ?? String(error)),
      step: step.text,
      command,
      screen: machine.console.screen(),
      evidenceFolder: machine.evidenceFolder,
      ...known,
    };
    cell.judge({
      ...judged,
      failure: {
        ...judged.failure!,
        message: before + judged.failure!.message,
        at: placeOf(step),
        details: { ...judged.failure!.details, ...failureDetails(failure) },
      },
    });
    const shown = new StepError(formatStepFailure(failure));
    shown.name = seen.name ?? "Error";
    // The harness's own bugs are found by their own stack.
    if (judged.outcome === "error" && error instanceof Error && !(error instanceof OsbenchError)) shown.cause = error;
    shown.stack = `${shown.name}: ${shown.message}\n${origin.split("\n")[1]}`;
    return shown;
  }
}

function placeOf({ at }: Step): string {
  return `${path.relative(process.cwd(), at.file)}:${at.line}:${at.column}`;
}
