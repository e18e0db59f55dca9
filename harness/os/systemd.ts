import { HarnessError, NotApplicable } from "../model/errors.ts";
import type { Machine } from "../machine/machine.ts";
import { ask } from "./ask.ts";
import { parseHealth, readHealth } from "./health.ts";
import type { Health } from "./adapter.ts";
import { parseOsRelease } from "./release.ts";

/** Questions any Linux can answer, and those any systemd can; the families build on it. */
export class SystemdSystem {
  protected readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  async version(): Promise<string> {
    const release = parseOsRelease(await ask(this.machine, "reading the running version", "cat /etc/os-release"));
    const version = release.get("IMAGE_VERSION") ?? release.get("VERSION_ID");
    if (version === undefined) {
      throw new HarnessError("OSB_OS_VERSION", "reading the running version: /etc/os-release has neither IMAGE_VERSION nor VERSION_ID", {
        evidence: { "os-release": [...release].map(([key, value]) => `${key}=${value}`).join("\n") },
      });
    }
    return version;
  }

  async bootId(): Promise<string> {
    return (await ask(this.machine, "reading the boot id", "cat /proc/sys/kernel/random/boot_id")).trim();
  }

  async machineId(): Promise<string> {
    return (await ask(this.machine, "reading the machine id", "cat /etc/machine-id")).trim();
  }

  async health(timeoutMs = 120_000): Promise<Health> {
    await this.needSystemd();
    return parseHealth(await ask(this.machine, "waiting for systemd to end the boot", readHealth, timeoutMs));
  }

  protected async needSystemd(): Promise<void> {
    const answer = await this.machine.run("test -d /run/systemd/system");
    if (answer.code !== 0) throw new NotApplicable("systemd", "the running system has no /run/systemd/system");
  }
}
