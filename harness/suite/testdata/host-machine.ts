import { execFile } from "node:child_process";
import { appendFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { ClaimFailed, HarnessError, NotApplicable } from "../../model/errors.ts";
import type { WorkerContext } from "../../model/context.ts";
import type { Boot, Phase } from "../../model/phase.ts";
import type { CommandResult, RunOptions, Shell } from "../../model/shell.ts";
import type { MachineUse } from "../../model/record.ts";
import type { Machine, MachineConsole, Moment, WaitOptions } from "../../machine/machine.ts";

/**
 * Stands in for a guest where only the suite language is under test: commands really run, in a sh on this host; the power is a flag.
 * Every opening and disposal is written to `<run>/life`, so that a test of the tests can see them.
 */
class HostMachine implements Machine {
  readonly image;
  readonly target;
  readonly boots: Boot[] = [];
  readonly signal: AbortSignal;
  readonly evidenceFolder: string;
  readonly console: MachineConsole;
  readonly #life: string;
  #leaks = false;
  #uefi = true;
  phase: Phase = "off";

  readonly #context: WorkerContext;
  readonly #start: MachineUse["start"];

  constructor(context: WorkerContext, evidenceFolder: string, signal: AbortSignal, start: MachineUse["start"]) {
    this.#context = context;
    this.#start = start;
    this.image = context.image;
    this.target = context.target;
    this.signal = signal;
    this.evidenceFolder = evidenceFolder;
    this.#life = path.join(context.runFolder, "life");
    appendFileSync(this.#life, `open ${path.basename(evidenceFolder)}\n`);
    this.console = {
      screen: () => "host login: _",
      text: () => "host login: _",
      mark: () => 0,
      expect: (pattern, options) => this.#expect(pattern, options),
      type: async () => {},
    };
  }

  async #expect(pattern: RegExp, options?: WaitOptions): Promise<RegExpMatchArray> {
    const found = pattern.exec(this.console.text());
    if (found) return found;
    throw new ClaimFailed("OSB_CONSOLE", `waited ${options?.timeoutMs ?? 0} ms for ${String(pattern)} on the console`);
  }

  async capability(name: string) {
    return { name, present: name === "uefi" && this.#uefi, reason: "this is the host itself" };
  }

  async switchOn(): Promise<void> {
    await this.boot();
  }

  async boot(_until?: Phase): Promise<Boot> {
    if (this.phase !== "off") return this.boots.at(-1)!;
    this.phase = "ready";
    this.boots.push({ number: this.boots.length + 1, id: `boot-${this.boots.length + 1}`, durations: {}, totalMs: 1 });
    return this.boots.at(-1)!;
  }

  async reboot(): Promise<Boot> {
    this.phase = "off";
    return this.boot();
  }

  async nextBoot(): Promise<Boot> {
    throw new HarnessError("OSB_TIMEOUT", "the host does not reboot by itself");
  }

  async powerOff(): Promise<void> {
    this.phase = "off";
  }

  async cutPower(): Promise<void> {
    this.phase = "off";
  }

  async shell(): Promise<Shell> {
    return { way: "channel", run: (command, options) => this.run(command, options), [Symbol.asyncDispose]: async () => {} };
  }

  run(command: string, options: RunOptions = {}): Promise<CommandResult> {
    // A crash of the stand-in, so that reboots nobody asked for can be told of.
    if (command === "crash") void this.reboot();
    // A machine that cannot be given back.
    if (command === "leak") this.#leaks = true;
    if (command === "lose uefi") this.#uefi = false;
    if (command === "type error") return (undefined as unknown as Shell).run(command);
    const started = performance.now();
    const script = ["crash", "leak", "lose uefi"].includes(command) ? "true" : command;
    const signal = AbortSignal.any([this.signal, ...(options.signal ? [options.signal] : [])]);
    return new Promise((resolve, reject) => {
      execFile("sh", ["-c", script], { encoding: "buffer", timeout: options.timeoutMs ?? 0, signal }, (error, stdout, stderr) => {
        if (error && typeof error.code !== "number") return reject(new HarnessError("OSB_SHELL", `running ${script}: ${error.message}`));
        const code = typeof error?.code === "number" ? error.code : 0;
        resolve({ command, code, stdout: stdout.toString(), stderr: stderr.toString(), stdoutBytes: stdout, stderrBytes: stderr, durationMs: performance.now() - started });
      });
    });
  }

  async serveUpdates(): Promise<void> {}

  async forkable() {
    return { present: false, reason: "a folder cannot be saved" };
  }

  /** Only what a suite calls `kept` is; a `lost` one cannot be restored. What runs on the host is of course the same for all. */
  async save(name: string): Promise<Moment> {
    if (!/^(?:kept|lost)/.test(name)) throw new NotApplicable("fork", "a folder cannot be saved");
    const boots = [...this.boots];
    const life = (word: string) => appendFileSync(this.#life, `${word} ${name}\n`);
    life("open");
    return {
      name,
      bytes: async () => 0,
      fork: async ({ cell = "", signal = this.signal, why } = {}) => {
        if (name.startsWith("lost")) throw new HarnessError("OSB_MOMENT", `the moment \`${name}\` could not be restored: it is gone`);
        const start = { kind: "forked" as const, moment: { name }, ...(why !== undefined && { why }) };
        const fork = new HostMachine(this.#context, await evidenceFolderOf(this.#context, cell), signal, start);
        fork.boots.push(...boots);
        fork.phase = "ready";
        return fork;
      },
      [Symbol.asyncDispose]: async () => life("close"),
    };
  }

  async upload(): Promise<void> {}

  async download(): Promise<void> {}

  use() {
    return { start: this.#start, accelerator: "none", boots: this.boots.map(({ number, totalMs, durations }) => ({ number, totalMs, durations })) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.phase = "off";
    appendFileSync(this.#life, `close ${path.basename(this.evidenceFolder)}\n`);
    if (this.#leaks) throw new Error("a process does not end");
  }
}

export async function openMachine(context: WorkerContext, { cell, signal, why }: { cell: string; signal: AbortSignal; why?: string }): Promise<Machine> {
  return new HostMachine(context, await evidenceFolderOf(context, cell), signal, { kind: "booted", ...(why !== undefined && { why }) });
}

async function evidenceFolderOf(context: WorkerContext, cell: string): Promise<string> {
  const folder = path.join(context.runFolder, "evidence", cell);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** A folder boots in no time: nothing is forked. */
export const openBooted = openMachine;
export const roomForMoment = async () => undefined;
