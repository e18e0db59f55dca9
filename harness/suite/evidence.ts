import { appendFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Machine } from "../machine/machine.ts";
import type { CommandResult } from "../model/shell.ts";

/** Writes what steps leave behind into the machine's evidence folder. Files are numbered, so that none replaces another. */
export class StepEvidence {
  readonly #folder: string;
  readonly #memory: Map<string, unknown>;

  constructor(machine: Machine, memory: Map<string, unknown>) {
    this.#folder = machine.evidenceFolder;
    this.#memory = memory;
  }

  async attach(name: string, content: string | Uint8Array): Promise<void> {
    const number = ((this.#memory.get("attachments") as number | undefined) ?? 0) + 1;
    this.#memory.set("attachments", number);
    await writeFile(path.join(this.#folder, `${String(number).padStart(3, "0")}-${name}`), content);
  }

  /** Appends one line to `steps.jsonl`: what the step did and what came of it. */
  async log(entry: {
    readonly step: string;
    readonly at: string;
    /** The test whose step it is, where that is another. */
    readonly repeated?: string;
    readonly started: Date;
    readonly ms: number;
    readonly error?: string;
    readonly commands: readonly CommandResult[];
  }): Promise<void> {
    const commands = entry.commands.map(({ command, code, stdout, stderr, durationMs }) => ({
      command,
      code,
      stdout,
      stderr,
      ms: Math.round(durationMs),
    }));
    await appendFile(
      path.join(this.#folder, "steps.jsonl"),
      `${JSON.stringify({ ...entry, started: entry.started.toISOString(), ms: Math.round(entry.ms), commands })}\n`,
    );
  }
}

const journalTimeoutMs = 30_000;

/** Keeps the journal of this boot, if a shell still answers. A failure here must not hide the one that led to it. */
export async function attachJournal(machine: Machine, evidence: StepEvidence): Promise<void> {
  if (machine.phase !== "ready" && machine.phase !== "userspace") return;
  try {
    const signal = AbortSignal.any([machine.signal, AbortSignal.timeout(journalTimeoutMs)]);
    const journal = await machine.run("journalctl -b --no-pager -o short-monotonic", { signal, timeoutMs: journalTimeoutMs });
    if (journal.code === 0) await evidence.attach("journal.txt", journal.stdout);
  } catch (error) {
    await evidence.attach("journal-missing.txt", `the journal could not be read: ${String(error)}\n`).catch(() => {});
  }
}
