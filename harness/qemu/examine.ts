import { readFile } from "node:fs/promises";
import { setTimeout as after } from "node:timers/promises";
import type { Examination } from "../model/hardware.ts";
import type { Qmp } from "./qmp.ts";

const looks = 8;
/** A loop of at most so many bytes is one place. */
const loopBytes = 256n;
/** Who is met in one place so often spins there: in between it may be met in an interrupt. */
const spinShare = 0.75;
/** A processor that wants less of its host's time than this is waiting. */
const idleShare = 0.05;
/** Every Linux wakes each processor twice in so long, for its own watchdogs at least (kernel/watchdog.c: every 4 s). Milliseconds. */
const wakesWithinMs = 8000;
const fewestWakes = 2;

/** A part of the guest's address space. */
export interface Stretch {
  readonly address: number;
  readonly bytes: number;
}

/** What a processor's thread has used so far. */
export interface ThreadUse {
  /** Nanoseconds it ran or waited to run: a host without time for it must not make it look idle. */
  readonly wantedNs: number;
  /** Of those, nanoseconds it waited. */
  readonly waitedNs: number;
  /** Times it went to sleep. */
  readonly sleeps: number;
}

export type Uses = readonly (ThreadUse | undefined)[];

interface Known {
  readonly flash?: Stretch | undefined;
  readonly since?: Uses | undefined;
}

/** What was seen of one processor. */
export interface ProcessorSeen {
  readonly index: number;
  /** Share of the time it wanted to run; undefined if the host does not say. */
  readonly share: number | undefined;
  /** Times it was woken while nobody looked; undefined if the host does not say, or it was not left alone long enough. */
  readonly woken: number | undefined;
  /** Where it stood at each look. */
  readonly counters: readonly bigint[];
}

/**
 * Looks at a running QEMU's processors: how much of the host's time their threads want (Linux, /proc/PID/schedstat), and where they stand, some
 * times, a moment apart (`info registers`). Takes about `forMs` milliseconds. `flash` is where firmware runs before it has found memory, `since` what
 * `processorUse` said when the boot began.
 */
export async function examineProcessors(qmp: Qmp, forMs: number, { flash, since }: Known = {}): Promise<Examination> {
  const cpus = await processorsOf(qmp);
  const use = () => useOf(cpus);
  // To look is to wake: first they are left alone.
  const alone = forMs - looks * 100;
  const [started, before] = [performance.now(), await use()];
  await after(Math.max(0, alone));
  const rested = alone >= wakesWithinMs ? await use() : [];
  const counters: Map<number, bigint>[] = [];
  for (let look = 0; look < looks; look++) {
    counters.push(programCounters(await qmp.human("info registers -a")));
    await after(100);
  }
  const [ended, now] = [performance.now(), await use()];
  const seen = cpus.map(({ "cpu-index": index }, place): ProcessorSeen => {
    const [first, rest, last] = [before[place], rested[place], now[place]];
    return {
      index,
      share: first && last && (last.wantedNs - first.wantedNs) / ((ended - started) * 1e6),
      woken: first && rest && rest.sleeps - first.sleeps,
      counters: counters.flatMap((one) => one.get(index) ?? []),
    };
  });
  return { ...judgeProcessors(seen), starved: starvedShare(now, since), inFlash: flash && allWithin(seen, flash) };
}

/** Whether every place a processor that works was seen at lies there. */
export function allWithin(seen: readonly ProcessorSeen[], { address, bytes }: Stretch): boolean {
  const places = seen.filter((one) => doing(one) !== "halted").flatMap(({ counters }) => counters);
  return places.length > 0 && places.every((place) => place >= BigInt(address) && place < BigInt(address + bytes));
}

/** What the processors' threads have used so far. */
export async function processorUse(qmp: Qmp): Promise<Uses> {
  return await useOf(await processorsOf(qmp));
}

async function processorsOf(qmp: Qmp) {
  return await qmp.execute<{ "cpu-index": number; "thread-id": number }[]>("query-cpus-fast");
}

async function useOf(cpus: readonly { "thread-id": number }[]): Promise<Uses> {
  return await Promise.all(cpus.map((cpu) => threadUse(cpu["thread-id"])));
}

/** Of all the time these threads wanted to run, from what they had used at first, the share they waited for it. */
export function starvedShare(uses: Uses, since: Uses = []): number | undefined {
  const sum = (all: Uses, what: "wantedNs" | "waitedNs") => all.reduce((total, use) => total + (use?.[what] ?? 0), 0);
  const wanted = sum(uses, "wantedNs") - sum(since, "wantedNs");
  return wanted <= 0 ? undefined : (sum(uses, "waitedNs") - sum(since, "waitedNs")) / wanted;
}

/** Says what processors seen like this do. */
export function judgeProcessors(seen: readonly ProcessorSeen[]): Examination {
  const each = seen.map((one) => ({ ...one, does: doing(one) }));
  const words = each.map(describe).join("\n");
  const every = (does: string) => each.every((one) => one.does === does);
  if (each.length === 0 || each.some(({ does }) => does === "unknown")) return { doing: "unknown", words };
  if (every("halted"))
    return { doing: each.every(({ woken }) => woken !== undefined && woken < fewestWakes) ? "unwoken" : "halted", words };
  return { doing: each.some(({ does }) => does === "running") ? "running" : "spinning", words };
}

function doing({ share, counters }: ProcessorSeen): "halted" | "spinning" | "running" | "unknown" {
  if (share === undefined || counters.length === 0) return "unknown";
  if (share < idleShare) return "halted";
  return mostInOnePlace(counters) >= counters.length * spinShare ? "spinning" : "running";
}

/** How many of the places lie within one loop. */
function mostInOnePlace(counters: readonly bigint[]): number {
  return Math.max(...counters.map((from) => counters.filter((one) => one >= from && one <= from + loopBytes).length));
}

function describe({ index, share, woken, counters, does }: ProcessorSeen & { does: string }): string {
  const places = [...new Set(counters)].map((counter) => `0x${counter.toString(16)}`);
  const where = places.length === 0 ? "place unknown" : `at ${places.slice(0, 4).join(", ")}${places.length > 4 ? ", …" : ""}`;
  const how = {
    halted: `halted, waits for an interrupt${woken === undefined ? "" : woken === 0 ? ", and none came" : ` (woken ${woken} times)`}`,
    spinning: "spins in one place",
    running: "runs, and is elsewhere each time",
    unknown: "not known",
  }[does];
  return `processor ${index}: ${how}, ${where}${share === undefined ? "" : `; wants ${Math.round(share * 100)} % of a core`}`;
}

/** The program counter of each processor. Sources: target/{i386,arm,riscv}/… cpu dump functions: `RIP=`, `EIP=`, `PC=`, ` pc `. */
export function programCounters(registers: string): Map<number, bigint> {
  const counters = new Map<number, bigint>();
  for (const part of registers.split(/^(?=CPU#\d)/m)) {
    const index = /^CPU#(\d+)/.exec(part)?.[1];
    const counter = /(?:^|\s)(?:[RE]IP=|PC=|pc\s+)([0-9a-f]{8,16})/.exec(part)?.[1];
    if (index !== undefined && counter !== undefined) counters.set(Number(index), BigInt(`0x${counter}`));
  }
  return counters;
}

async function threadUse(thread: number): Promise<ThreadUse | undefined> {
  try {
    const [schedule, status] = await Promise.all([
      readFile(`/proc/${thread}/schedstat`, "utf8"),
      readFile(`/proc/${thread}/status`, "utf8"),
    ]);
    const [ran, waited] = schedule.split(" ").map(Number);
    const sleeps = /^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1];
    if (ran === undefined || waited === undefined || sleeps === undefined) return undefined;
    return { wantedNs: ran + waited, waitedNs: waited, sleeps: Number(sleeps) };
  } catch {
    return undefined;
  }
}
