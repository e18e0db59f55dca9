import type { WorkerContext } from "../../model/context.ts";
import { HarnessError } from "../../model/errors.ts";
import type { Frozen } from "../../qemu/moments/frozen.ts";
import { forkQemu } from "../../qemu/fork.ts";
import { spokenProgram } from "../../shell/raw-engine.ts";
import { assemble, type OpenOptions } from "../assemble.ts";
import type { LiveMachine } from "../live-machine.ts";
import type { ForkOptions, Machine, Moment } from "../machine.ts";
import type { GuestStanding, Origin } from "../parts.ts";
import type { MomentFacts } from "./facts.ts";
import { Keeper } from "./keeper.ts";
import { bytesOf } from "./room.ts";
import { discard, leaseOf, newFolder, type Lease, type Shelved } from "./shelf.ts";

/** A fork answers within seconds or never: its guest was waiting for a command when it was saved. */
const answerTimeoutMs = 60_000;

/** A saved machine as a test has it. */
export class SavedMachine implements Moment {
  readonly shelved: Shelved;
  readonly #context: WorkerContext;
  readonly #options: OpenOptions;
  readonly #lease: Lease;
  readonly #below: readonly Lease[];
  #forks = 0;
  #disposed = false;

  /** `below` are leases of the moments whose files its disks build on. */
  constructor(context: WorkerContext, options: OpenOptions, shelved: Shelved, lease: Lease, below: readonly Lease[] = []) {
    this.#context = context;
    this.#options = options;
    this.#lease = lease;
    this.#below = below;
    this.shelved = shelved;
  }

  get name(): string {
    return this.shelved.facts.name;
  }

  async bytes(): Promise<number> {
    return await bytesOf(this.shelved.folder);
  }

  async fork(options: ForkOptions = {}): Promise<Machine> {
    const { facts, folder } = this.shelved;
    const lease = await leaseOf(folder);
    if (!lease) throw broken(facts.name, new Error(`${folder} is gone`));
    const storage = options.savable ? await newFolder("machine") : undefined;
    const cell = options.cell ?? `${this.#options.cell}.fork-${++this.#forks}`;
    const open = { ...this.#options, cell, ...(options.signal && { signal: options.signal }) };
    const keeper = new Keeper(this.#context, open, {
      ...{ privateKey: facts.privateKey, storage },
      make: (...saved) => new SavedMachine(this.#context, open, ...saved),
    });
    keeper.atClose(async () => {
      await lease.release();
      if (this.#disposed) await this.#remove();
    });
    const frozen = { folder, spec: facts.spec, files: [] } as unknown as Frozen;
    const { tools } = this.#context;
    let machine: LiveMachine | undefined;
    try {
      const origin = await originOf(facts);
      machine = await assemble(this.#context, open, {
        ...{ privateKey: facts.privateKey, keeper, why: options.why },
        origin,
        hardware: async (place) => await forkQemu(frozen, { ...place, tools, storage }, open.signal),
      });
      await this.#wake(machine, origin.guest, options.clock ?? "saved");
      return machine;
    } catch (error) {
      await (machine ? machine[Symbol.asyncDispose]() : keeper.close());
      open.signal.throwIfAborted();
      throw broken(facts.name, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await this.#lease.release();
    await this.#remove();
  }

  /** The guest's own word that it is the one that was saved: until then nothing that goes wrong is its fault. */
  async #wake(machine: LiveMachine, { agent, boots }: GuestStanding, clock: "saved" | "now"): Promise<void> {
    await machine.boot();
    const { shell, ssh, serial } = machine.image.manifest.access;
    if (shell === "none" && !ssh && !serial) return;
    // An agent that answers has said it: nobody else knows its secret.
    if (agent) await machine.shell("channel");
    else await this.#askBoot(machine, boots.at(-1)?.id);
    if (clock === "saved") return;
    const { code, stderr } = await machine.run(`date -u -s @${Math.round(Date.now() / 1000)} >/dev/null`, { timeoutMs: answerTimeoutMs });
    if (code !== 0) throw new HarnessError("OSB_MOMENT", `its clock could not be set: ${stderr.trim()}`);
  }

  async #askBoot(machine: LiveMachine, saved: string | undefined): Promise<void> {
    const { stdout } = await machine.run("cat /proc/sys/kernel/random/boot_id", { timeoutMs: answerTimeoutMs });
    if (saved !== undefined && stdout.trim() !== saved)
      throw new HarnessError("OSB_MOMENT", `it says its boot is ${stdout.trim()}, saved was ${saved}`);
  }

  /** A moment of everybody's stays; one's own goes with the last who uses it. */
  async #remove(): Promise<void> {
    const gone = this.shelved.facts.digest !== undefined || (await discard(this.shelved.folder));
    if (gone) for (const lease of this.#below) await lease.release();
  }
}

async function originOf({ name, digest, saved, guest }: MomentFacts): Promise<Origin> {
  const boots = guest.boots.map(({ number, id }) => ({ number, id }));
  // One that speaks otherwise is left alone: another is sent in its place.
  const agent = guest.agent?.program === (await spokenProgram()) ? guest.agent : undefined;
  return { name, digest, saved, guest: { boots, phase: guest.phase, updates: guest.updates, agent } };
}

function broken(name: string, cause: unknown): HarnessError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new HarnessError("OSB_MOMENT", `the moment \`${name}\` could not be restored: ${why}`, { cause });
}
