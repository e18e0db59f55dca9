import { writeFileSync } from "node:fs";
import path from "node:path";
import { onTestFinished } from "vitest";
import { imageManifest } from "../../model/image.ts";
import type { Boot, Phase } from "../../model/phase.ts";
import type { OsAdapter, Entry, Slot } from "../../os/adapter.ts";
import type { Machine } from "../../machine/machine.ts";
import { temporaryFolderOfFile } from "../../model/testdata/temporary.ts";
import { parseEntry } from "../../os/entries.ts";
import { verbs } from "../verbs/index.ts";
import type { VerbContext } from "../verb.ts";

const folder = temporaryFolderOfFile();
for (const version of ["1", "2", "3"]) {
  writeFileSync(path.join(folder, `osb_${version}.root.raw`), `root ${version}`);
  writeFileSync(path.join(folder, `osb_${version}.efi`), `uki ${version}`);
}

/** What the system under test holds: the bytes of slots and entries, and how its parts behave. */
export interface System {
  version: string;
  offered: string | undefined;
  /** Label to content. */
  slots: Record<string, string>;
  /** File name to content. */
  entries: Record<string, string>;
  runningLabel: string;
  defaultEntry: string;
  countedPath: string | undefined;
  failed: string[];
  /** What `systemd-sysupdate update` does to the system; returns its exit code. */
  install(system: System): number;
}

export function healthySystem(changes: Partial<System> = {}): System {
  return {
    version: "1",
    offered: "2",
    slots: { osb_1: "root 1", _empty: "" },
    entries: { "osb_1.efi": "uki 1" },
    runningLabel: "osb_1",
    defaultEntry: "osb_1.efi",
    countedPath: undefined,
    failed: [],
    install: (system) => {
      system.slots = { osb_1: "root 1", osb_2: "root 2" };
      system.entries = { "osb_1.efi": "uki 1", "osb_2+3-0.efi": "uki 2" };
      return 0;
    },
    ...changes,
  };
}

const sha256 = async (text: string) => {
  const { createHash } = await import("node:crypto");
  return createHash("sha256").update(text).digest("hex");
};

function adapter(system: System): OsAdapter {
  const versionOf = (name: string) => /^osb_(\d+)/.exec(name)?.[1];
  const entries = async (): Promise<Entry[]> => Object.keys(system.entries).map((name) => parseEntry(name, versionOf));
  const slots = async (): Promise<Slot[]> =>
    Object.entries(system.slots).map(([label, text], n) => ({ partition: `/dev/vda${n + 2}`, label, version: versionOf(label), bytes: text.length, running: label === system.runningLabel }));
  const installed = async () => {
    const known = new Set((await entries()).map(({ version }) => version));
    return (await slots()).flatMap(({ version }) => version ?? []).filter((version) => known.has(version));
  };
  return {
    family: "fake",
    version: async () => system.version,
    bootId: async () => "boot",
    machineId: async () => "machine",
    health: async () => ({ state: system.failed.length > 0 ? "degraded" : "running", failed: system.failed.map((unit) => ({ unit, description: unit })) }),
    publish: async (to) => to,
    available: async () => system.offered,
    install: async () => ({ command: "update", code: system.install(system), stdout: "", stderr: "", stdoutBytes: new Uint8Array(), stderrBytes: new Uint8Array(), durationMs: 1 }),
    installed,
    staged: async () => (await installed()).filter((version) => version !== system.version).at(-1),
    slots,
    slotDigest: async (slot) => sha256(system.slots[slot.label]!),
    entries,
    entryDigest: async (entry) => sha256(system.entries[entry.name]!),
    defaultEntry: async () => system.defaultEntry,
    assessment: async () => {
      const { assess } = await import("../../os/assessment.ts");
      return assess(system.countedPath, await entries());
    },
    rollback: async (version) => {
      system.defaultEntry = `osb_${version}.efi`;
    },
  };
}

export interface Power {
  /** Boots the machine makes when a reboot is asked for, by their kernel boot ids. */
  onReboot?: readonly string[];
}

/** A verb's surroundings with a system that can be made to break in any way. */
export function contextOf(system: System, power: Power = {}): VerbContext & { boots: Boot[] } {
  const manifest = imageManifest.parse({
    image: "osb",
    title: "t",
    os: "sysupdate",
    architectures: ["x86_64"],
    updates: { address: "http://10.0.2.100/" },
    versions: ["1", "2", "3"].map((version) => ({ version, root: `osb_${version}.root.raw`, uki: `osb_${version}.efi`, good: version !== "3" })),
  });
  const boots: Boot[] = [{ number: 1, id: "first", durations: {}, totalMs: 0 }];
  const restart = async () => {
    for (const id of power.onReboot ?? ["second"]) boots.push({ number: boots.length + 1, id, durations: {}, totalMs: 0 });
    return boots.at(-1)!;
  };
  const machine = {
    image: { manifest, name: "osb", folder, digest: "", architecture: "x86_64" as const },
    boots,
    phase: "ready" as Phase,
    reboot: restart,
    nextBoot: async (after: number) => boots[after] ?? restart(),
    serveUpdates: async () => {},
    run: async (command: string) => ({ command, code: 0, stdout: "", stderr: "", stdoutBytes: new Uint8Array(), stderrBytes: new Uint8Array(), durationMs: 1 }),
  } as unknown as Machine;
  return { machine, os: adapter(system), memory: new Map(), signal: new AbortController().signal, attach: async () => {}, keep: async () => {}, defer: (release) => onTestFinished(async () => void (await release())), boots };
}

/** Runs one step on the context, as a suite would write it. */
export async function step(context: VerbContext, verb: string, input: unknown): Promise<void> {
  await verbs[verb]!.run(context, verbs[verb]!.schema.parse(input));
}
