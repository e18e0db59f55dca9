import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Accelerator } from "../model/context.ts";
import type { Phase } from "../model/phase.ts";
import { cacheFolder, writeWhole } from "../host/cache.ts";

const kept = 9;
const samples = z.record(z.string(), z.array(z.number()));

/** Milliseconds a phase may take when nothing was measured yet, for the slowest host there is. */
const unknown: Readonly<Record<Accelerator, Partial<Record<Phase, number>>>> = {
  kvm: { firmware: 90_000, loader: 90_000, kernel: 90_000, initrd: 120_000, userspace: 240_000 },
  native: { userspace: 240_000 },
  tcg: { firmware: 240_000, loader: 240_000, kernel: 240_000, initrd: 300_000, userspace: 480_000 },
};

/** A phase may take this many times its median (be silent as many times its longest silence), and never less than the floor: hosts have neighbours, and a slow host must not look like a dead image. */
export interface Patience {
  readonly margin: number;
  readonly floorMs: number;
}

const usualPatience: Readonly<Record<Accelerator, Patience>> = {
  kvm: { margin: 8, floorMs: 90_000 },
  native: { margin: 8, floorMs: 90_000 },
  tcg: { margin: 8, floorMs: 240_000 },
};

/**
 * For machines started over the network. A loader says nothing while it fetches a kernel and its initrd, at the pace at which an emulated network card is
 * polled: 50 MB take half a minute on an idle host, and many times that where the host has neighbours.
 */
export const networkPatience: Patience = { margin: 8, floorMs: 600_000 };

/**
 * A console may be silent for this many times the longest silence ever heard in the phase, and never less than the floor: where nobody hurries
 * things are given time of their own to come. PXE asks for a minute; drivers wait half a minute for hardware, a minute for firmware files;
 * systemd gives a device 90 s and the network 120 s before it says anything (systemd-system.conf(5), systemd-networkd-wait-online(8)).
 */
const silenceMargin = 8;
const silenceFloorMs: Partial<Record<Phase, number>> = {
  firmware: 120_000,
  loader: 90_000,
  kernel: 90_000,
  initrd: 150_000,
  userspace: 150_000,
};

/** How long the phases of a boot take on this host, for one image in one target: measured by every boot, kept in the cache. */
export class Expectations {
  readonly #file: string;
  readonly #accelerator: Accelerator;
  readonly #samples: Record<string, number[]>;
  readonly #patience: Patience;

  private constructor(file: string, accelerator: Accelerator, patience: Patience, known: Record<string, number[]>) {
    this.#file = file;
    this.#patience = patience;
    this.#accelerator = accelerator;
    this.#samples = known;
  }

  static async load(
    image: string,
    target: string,
    accelerator: Accelerator,
    patience: Patience = usualPatience[accelerator],
  ): Promise<Expectations> {
    const folder = join(cacheFolder(), "durations");
    await mkdir(folder, { recursive: true });
    const file = join(folder, `${image.replaceAll(/[^\w.-]/g, "_")}.${target}.${accelerator}.json`);
    const known = samples.safeParse(await readFile(file, "utf8").then(JSON.parse, () => ({})));
    return new Expectations(file, accelerator, patience, known.success ? known.data : {});
  }

  /** Median in milliseconds, or undefined while nothing was measured. */
  median(phase: Phase): number | undefined {
    const sorted = [...(this.#samples[phase] ?? [])].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  }

  /** Milliseconds after which the phase counts as stuck. */
  limit(phase: Phase): number {
    const usual = this.median(phase);
    const { margin, floorMs } = this.#patience;
    return Math.max(usual === undefined ? (unknown[this.#accelerator][phase] ?? 120_000) : usual * margin, floorMs);
  }

  /** Milliseconds of silence after which the phase may be a hang. An image not heard before gets all the time the phase has. */
  silence(phase: Phase): number {
    const heard = this.#samples[silenceOf(phase)] ?? [];
    const usual = this.#patience === usualPatience[this.#accelerator];
    const floorMs = usual ? (silenceFloorMs[phase] ?? 150_000) : this.#patience.floorMs;
    const margin = usual ? silenceMargin : this.#patience.margin;
    return heard.length === 0 ? this.limit(phase) : Math.max(Math.max(...heard) * margin, floorMs);
  }

  /** Keeps what a boot that reached `ready` took, and how long it was silent at a time. */
  async learn(durations: Partial<Record<Phase, number>>, silences: Partial<Record<Phase, number>> = {}): Promise<void> {
    for (const [phase, ms] of Object.entries(durations)) this.#learn(phase, ms);
    for (const [phase, ms] of Object.entries(silences)) this.#learn(silenceOf(phase), ms);
    await writeWhole(this.#file, JSON.stringify(this.#samples)).catch(() => {});
  }

  #learn(what: string, ms: number): void {
    this.#samples[what] = [...(this.#samples[what] ?? []), Math.round(ms)].slice(-kept);
  }
}

function silenceOf(phase: string): string {
  return `${phase} silence`;
}
