import { z } from "zod";
import { ClaimFailed, HarnessError } from "../model/errors.ts";
import type { CommandResult } from "../model/shell.ts";
import type { BootAssessment, Damage, Entry, OsAdapter, Slot } from "./adapter.ts";
import { ask, parseJson } from "./ask.ts";
import { assess } from "./assessment.ts";
import { parseLoaderVariables, readLoaderVariables } from "./efivars.ts";
import { parseEntry, splitCounter } from "./entries.ts";
import { publishFiles } from "./publish.ts";
import { parseSlots, readPartitions } from "./slots.ts";
import { SystemdSystem } from "./systemd.ts";
import { matchVersion, parseTransfers, readTransfers } from "./transfers.ts";
import type { Transfer } from "./transfers.ts";

const tool = `PATH="$PATH:/usr/lib/systemd:/lib/systemd" systemd-sysupdate`;
const entryFolder = `$(bootctl --print-boot-path)/EFI/Linux`;

const askAvailable = `new=$(${tool} check-new) || new=
printf 'NEW=%s\\n' "$new"
[ -n "$new" ] || ${tool} list --json=short`;

const versionList = z.object({ all: z.array(z.string()) });
const menu = z.array(z.object({ id: z.string(), isDefault: z.boolean().optional() }));

/** Images updated by systemd-sysupdate: root partitions beside each other, UKIs on the ESP, boot counting by systemd-boot. */
export class Sysupdate extends SystemdSystem implements OsAdapter {
  /** It installs into slots of a disk, and the loader's menu decides what is booted. */
  static readonly needs: readonly string[] = ["boot-loader"];
  readonly family = "sysupdate";
  #transfers: Promise<readonly Transfer[]> | undefined;

  publish(folder: string, versions: readonly string[], damage?: Damage): Promise<string> {
    return publishFiles(this.machine.image, folder, versions, damage);
  }

  async available(): Promise<string | undefined> {
    const doing = "asking the updater for a newer version";
    const output = await ask(this.machine, doing, askAvailable, 120_000);
    const [, version, list] = /^NEW=(.*)\n(?:([^]*\S)\n?)?$/.exec(output) ?? [];
    if (version) return version;
    // check-new ends with the same exit code when there is nothing and when the source cannot be reached: only a list that could be read proves the first.
    if (list === undefined)
      throw new HarnessError("OSB_OS_AVAILABLE", `${doing}: it could not read its source`, { evidence: { answer: output } });
    versionList.parse(parseJson(doing, list));
    return undefined;
  }

  install(version: string | undefined, timeoutMs = 300_000): Promise<CommandResult> {
    return this.machine.run(`${tool} update ${version ?? ""} && sync`, { signal: this.machine.signal, timeoutMs });
  }

  async installed(): Promise<readonly string[]> {
    const entries = new Set((await this.entries()).map((entry) => entry.version));
    const versions = (await this.slots()).flatMap((slot) => slot.version ?? []);
    return versions.filter((version) => entries.has(version)).toSorted((a, b) => this.#order(a, b));
  }

  async staged(): Promise<string | undefined> {
    const newest = (await this.installed()).at(-1);
    return newest === (await this.version()) ? undefined : newest;
  }

  async slots(): Promise<readonly Slot[]> {
    const patterns = await this.#patterns("partition");
    return parseSlots(await ask(this.machine, "reading the partition table", readPartitions), (label) => matchVersion(patterns, label));
  }

  async slotDigest(slot: Slot, bytes = slot.bytes): Promise<string> {
    const output = await ask(this.machine, `hashing slot ${slot.partition}`, `head -c ${bytes} ${slot.partition} | sha256sum`, 300_000);
    return readDigest(output);
  }

  async entries(): Promise<readonly Entry[]> {
    const patterns = await this.#patterns("regular-file");
    const names = await ask(this.machine, "listing the boot entries on the ESP", `cd "${entryFolder}" && ls -1`);
    return names
      .split("\n")
      .filter((name) => name.endsWith(".efi"))
      .map((name) => parseEntry(name, (plain) => matchVersion(patterns, plain)));
  }

  async entryDigest(entry: Entry): Promise<string> {
    return readDigest(await ask(this.machine, `hashing boot entry ${entry.name}`, `sha256sum <"${entryFolder}/${entry.name}"`, 120_000));
  }

  async defaultEntry(): Promise<string | undefined> {
    const entries = menu.parse(
      parseJson("reading the boot menu", await ask(this.machine, "reading the boot menu", "bootctl list --json=short --no-pager")),
    );
    const id = entries.find((entry) => entry.isDefault)?.id;
    return id === undefined ? undefined : splitCounter(id).plain;
  }

  async assessment(): Promise<BootAssessment> {
    const variables = parseLoaderVariables(
      await ask(this.machine, "reading the boot loader's EFI variables", readLoaderVariables(["LoaderBootCountPath"])),
    );
    return assess(variables.get("LoaderBootCountPath"), await this.entries());
  }

  async rollback(version: string): Promise<void> {
    const entry = (await this.entries()).find((candidate) => candidate.version === version);
    if (!entry) throw new ClaimFailed("OSB_ROLLBACK_NO_ENTRY", `rolling back to version ${version}: the ESP has no entry for it`);
    const result = await this.machine.run(`bootctl set-default '${entry.name}'`);
    if (result.code !== 0) {
      throw new ClaimFailed(
        "OSB_ROLLBACK_REFUSED",
        `rolling back to version ${version}: bootctl set-default ${entry.name} ended with exit code ${result.code}`,
        {
          evidence: { stdout: result.stdout, stderr: result.stderr },
        },
      );
    }
  }

  /** The image's own order of versions; versions it does not know follow in natural order. */
  #order(a: string, b: string): number {
    const known = this.machine.image.manifest.versions.map(({ version }) => version);
    const [left, right] = [a, b].map((version) => (known.includes(version) ? known.indexOf(version) : Infinity));
    return left === right ? a.localeCompare(b, "en", { numeric: true }) : left! - right!;
  }

  /** Patterns of one kind of target. Boot counters are taken off names before matching, so patterns with a counter add nothing. */
  async #patterns(type: string): Promise<readonly string[]> {
    this.#transfers ??= ask(this.machine, "reading the updater's transfer files", readTransfers).then(parseTransfers);
    const patterns = (await this.#transfers)
      .filter(({ target }) => target.type === type)
      .flatMap(({ target }) => target.patterns)
      .map((pattern) => pattern.replace(/\+@l(-@d)?/, ""));
    if (patterns.length === 0) {
      throw new ClaimFailed("OSB_OS_TRANSFERS", `reading the updater's transfer files: none has a target of type ${type}`, {
        hint: "Look at /usr/lib/sysupdate.d in the image; without a transfer the updater has nothing to do.",
      });
    }
    return [...new Set(patterns)];
  }
}

function readDigest(output: string): string {
  const digest = /^([0-9a-f]{64})\b/.exec(output)?.[1];
  if (digest === undefined)
    throw new HarnessError("OSB_OS_DIGEST", `hashing in the machine: ${JSON.stringify(output)} is no sha256sum answer`);
  return digest;
}
