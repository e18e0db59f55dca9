import { HarnessError } from "../model/errors.ts";
import type { OsAdapter } from "../os/adapter.ts";

/** Facts about a machine that a step may remember and a later one compare. Each answer is plain data. */
export const facts = {
  version: { what: "the running version", read: (os) => os.version() },
  "boot-id": { what: "the kernel's boot id", read: (os) => os.bootId() },
  "machine-id": { what: "the machine id", read: (os) => os.machineId() },
  "running-slot": {
    what: "partition, label and every byte of the slot that runs",
    read: async (os) => {
      const slot = (await os.slots()).find(({ running }) => running);
      if (!slot) throw new HarnessError("OSB_FACT_SLOT", "reading the running slot: the system runs from none of the OS partitions");
      return { partition: slot.partition, label: slot.label, sha256: await os.slotDigest(slot) };
    },
  },
  slots: {
    what: "the label of every OS partition",
    read: async (os) => Object.fromEntries((await os.slots()).map(({ partition, label }) => [partition, label])),
  },
  entries: {
    what: "name and bytes of every boot entry on the ESP",
    read: async (os) => {
      const digests: Record<string, string> = {};
      for (const entry of await os.entries()) digests[entry.name] = await os.entryDigest(entry);
      return digests;
    },
  },
  "default-entry": { what: "the entry the boot loader would start next", read: async (os) => (await os.defaultEntry()) ?? null },
} as const satisfies Record<string, { readonly what: string; read(os: OsAdapter): Promise<unknown> }>;

export type Fact = keyof typeof facts;
export const factNames = Object.keys(facts) as [Fact, ...Fact[]];

/** Lists the facts for documentation: `name (what it holds)`. */
export function listFacts(): string {
  return factNames.map((name) => `\`${name}\` (${facts[name].what})`).join(", ");
}
