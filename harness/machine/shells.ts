import { EventEmitter, once } from "node:events";
import type { Console } from "../console/console.ts";
import type { Hardware } from "../model/hardware.ts";
import { HarnessError, NotApplicable } from "../model/errors.ts";
import { keyWaysOf, type ImageManifest } from "../model/image.ts";
import type { MachineUse } from "../model/record.ts";
import type { Shell, Way } from "../model/shell.ts";
import { openChannelShell, shellPorts } from "../shell/channel-shell.ts";
import type { GuestShell } from "../shell/guest-shell.ts";
import type { AgentStanding } from "../shell/raw-engine.ts";
import { placeReseed, reseed } from "../shell/reseed.ts";
import { openSerialShell, type SerialAccess } from "../shell/serial-shell.ts";
import { keyBroughtBy } from "./key-brought.ts";
import { SshShell } from "../ssh/ssh-shell.ts";
import { Joint } from "./joint.ts";

type LosableShell = Shell & { lose?(reason: string): void; readonly usable?: boolean };

/** The ways into one machine: opened when first asked for, kept until the machine restarts. */
export class Shells {
  readonly #hardware: Hardware;
  readonly #console: Console;
  readonly #access: ImageManifest["access"];
  readonly #privateKey: string;
  readonly #open = new Map<Way, Joint<LosableShell>>();
  readonly #port = new EventEmitter<{ change: [] }>();
  #channel: GuestShell | undefined;
  #portOpen = false;
  #portOpenings = 0;
  #guestRuns = false;
  /** The agent that waits in the guest. */
  #left: AgentStanding | undefined;
  /** What gives the guest random numbers of its own, where it was left there. */
  #reseed: string | undefined;
  #found: MachineUse["access"];

  /** `left`: the agent that waits in the guest as it is taken up. */
  constructor(hardware: Hardware, console: Console, access: ImageManifest["access"], privateKey: string, left?: AgentStanding) {
    this.#left = left;
    this.#reseed = left?.reseed;
    this.#hardware = hardware;
    this.#console = console;
    this.#access = access;
    this.#privateKey = privateKey;
    hardware.events.on("port", (name, open) => {
      if (name !== shellPorts.shell) return;
      this.#portOpen = open;
      if (open) this.#portOpenings++;
      else this.#channel?.lose("the shell in the guest ended");
      this.#port.emit("change");
    });
  }

  /** The console showed that programs of the guest run: firmware holds no line any more. */
  guestRuns(): void {
    this.#guestRuns = true;
    this.#port.emit("change");
  }

  /** Nobody has said which of the ways in there is: the first that answers is preferred from then on. */
  get mustFind(): boolean {
    return this.#access.shell === "find" && this.#found === undefined;
  }

  /** How the machine was got into, where that had to be found. */
  get found(): MachineUse["access"] {
    return this.#found;
  }

  /** Ways this image declares, in the order they are preferred. */
  get ways(): Way[] {
    const { shell, ssh, serial } = this.#access;
    const offered: Record<Way, boolean> = { channel: shell !== "none", ssh: ssh !== undefined, serial: serial !== undefined };
    return (Object.keys(offered) as Way[]).filter((way) => offered[way]);
  }

  /** Resolves with the shell once it answers. Whoever asked first, every caller waits as long as their own signal lets them. */
  async get(way: Way | undefined, signal: AbortSignal): Promise<Shell> {
    if (way === undefined && this.mustFind) return await this.#find(signal);
    const chosen = way ?? (this.#found?.way as Way | undefined) ?? this.ways[0];
    if (!chosen || !this.ways.includes(chosen)) {
      throw new NotApplicable(`shell-${chosen ?? "any"}`, `the image's access in image.yaml offers ${this.ways.join(", ") || "no way in"}`);
    }
    const known = this.#open.get(chosen);
    const kept = known?.abandoned ? undefined : known;
    const shell = await kept?.wait(signal);
    if (shell && shell.usable !== false) return shell;
    if (kept && this.#open.get(chosen) !== kept) return await this.get(way, signal);
    // A shell that a command took away comes back, as long as the machine is the same.
    const opening = new Joint(async (all) => {
      await shell?.[Symbol.asyncDispose]();
      return await this.#openers[chosen](all);
    });
    this.#open.set(chosen, opening);
    opening.ended.catch(() => this.#open.get(chosen) === opening && this.#open.delete(chosen));
    return await opening.wait(signal);
  }

  /** Tries all ways at once, for any of them may never answer; of those that do, the first is kept. */
  async #find(signal: AbortSignal): Promise<Shell> {
    const { ways } = this;
    const over = new AbortController();
    const both = AbortSignal.any([signal, over.signal]);
    try {
      const [way, shell] = await Promise.any(ways.map(async (one) => [one, await this.get(one, both)] as const));
      const ssh = way === "ssh" ? this.#found : undefined;
      this.#found = { way, tried: ways, ...(ssh?.by && { by: ssh.by }) };
      return shell;
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof AggregateError ? error.errors[0] : error;
    } finally {
      over.abort(new HarnessError("OSB_OTHER_WAY", "another way in has answered"));
    }
  }

  /** Every shell is gone: the machine restarted or lost power. */
  lose(reason: string): void {
    this.#portOpen = false;
    this.#portOpenings = 0;
    this.#guestRuns = false;
    this.#left = this.#reseed = undefined;
    this.#forget(reason);
  }

  /**
   * Every shell is closed in order, as far as the guest lets it, but for the channel's agent where it waits for a command: resolves with how that stands.
   * Nothing else is left in the guest but what it then needs.
   */
  async rest(reason: string): Promise<AgentStanding | undefined> {
    const program = this.#hardware.reseedProgram;
    if (program && this.#channel?.usable) this.#reseed ??= await placeReseed(this.#channel, program).catch(() => undefined);
    const agent = this.#channel?.leave(reason);
    this.#left = agent && { ...agent, reseed: this.#reseed };
    for (const { result } of this.#open.values()) await result?.[Symbol.asyncDispose]();
    // The guest still holds its end of every line.
    this.#forget(reason);
    return this.#left;
  }

  #forget(reason: string): void {
    for (const opening of this.#open.values()) {
      opening.ended.then(
        (shell) => {
          shell.lose?.(reason);
          void shell[Symbol.asyncDispose]();
        },
        () => {},
      );
    }
    this.#open.clear();
  }

  readonly #openers: Record<Way, (signal: AbortSignal) => Promise<LosableShell>> = {
    channel: async (signal) => {
      for (;;) {
        const shell = await this.#openChannel(signal);
        if (shell) return shell;
      }
    },
    ssh: async (signal) => {
      const address = await this.#hardware.sshAddress();
      if (!address) throw new NotApplicable("shell-ssh", "this target has no network");
      const user = this.#access.ssh?.user ?? "root";
      const ways = keyWaysOf(this.#access);
      // What reads a seed may do so long after the SSH server answers.
      const later = ways.some((one) => one !== "credential");
      const shell = await SshShell.open({ ...address, user, privateKey: this.#privateKey }, signal, {
        refusals: later ? "later" : "final",
      });
      if (later || this.#access.ssh?.key !== undefined)
        this.#found = { ...(this.#found ?? { way: "ssh" }), by: await keyBroughtBy(shell, ways, signal) };
      return shell;
    },
    serial: async (signal) => await openSerialShell(this.#console, this.#access.serial as SerialAccess, signal),
  };

  /** Resolves with undefined when the guest let go of the port before the shell answered. */
  async #openChannel(signal: AbortSignal): Promise<GuestShell | undefined> {
    // EDK2 opens virtio ports as consoles of its own until the kernel takes over: what it reads there are key strokes.
    while (!this.#portOpen || !(this.#guestRuns || this.#portOpenings > 1)) await once(this.#port, "change", { signal });
    const [line, errors] = [this.#hardware.port(shellPorts.shell), this.#hardware.port(shellPorts.stderr)];
    if (!line || !errors) throw new NotApplicable("shell-channel", "this target has no channel ports");
    const closed = new AbortController();
    const watch = () => this.#portOpen || closed.abort();
    this.#port.on("change", watch);
    const left = this.#left;
    this.#left = undefined;
    try {
      const either = AbortSignal.any([signal, closed.signal]);
      this.#channel = await openChannelShell(line, errors, either, left);
      if (left?.reseed !== undefined) await reseed(this.#channel, left.reseed, either);
      return this.#channel;
    } catch (error) {
      if (closed.signal.aborted && !signal.aborted) return undefined;
      throw error;
    } finally {
      this.#port.off("change", watch);
    }
  }
}
