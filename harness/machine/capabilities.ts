import type { Capability } from "../model/target.ts";
import type { Machine } from "./machine.ts";

type Probe = (machine: Machine) => Promise<Omit<Capability, "name">>;

const shellProbe =
  (command: string, present: string, absent: string): Probe =>
  async (machine) => {
    const { code } = await machine.run(command);
    return { present: code === 0, reason: code === 0 ? present : absent };
  };

/** Succeeds where the kernel has a TPM 2.0; where not, prints what in the machine's tables tells of one. */
const tpmSeen = `test -e /sys/class/tpm/tpm0/pcr-sha256/0 || test -e /dev/tpmrm0 || {
for place in /sys/firmware/acpi/tables/TPM2 /sys/bus/acpi/devices/MSFT0101:* $(find /sys/firmware/devicetree/base -name 'tpm*@*' 2>/dev/null)
do [ ! -e "$place" ] || echo "$place"; done
false; }`;

/** Succeeds where a sysfs can be mounted, else ends with 2. In a user namespace the kernel allows it only where one stands that nothing covers. */
const sysfsProbe =
  "mkdir -p /run/osbench-probe && mount -t sysfs sysfs /run/osbench-probe 2>/dev/null || exit 2; umount /run/osbench-probe && rmdir /run/osbench-probe";

/** How each capability is found on a running machine. Nothing is assumed of a name. */
const probes: Readonly<Record<string, Probe>> = {
  uefi: shellProbe("test -d /sys/firmware/efi", "the kernel was started by UEFI", "there is no /sys/firmware/efi"),
  "secure-boot": shellProbe(
    // Four bytes of attributes, then the value. Nothing can be skipped in efivarfs: busybox reads the first byte all the same.
    '(set -- $(od -An -tu1 /sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c 2>/dev/null); test "$5" = 1)',
    "the firmware's variable SecureBoot is 1",
    "the firmware's variable SecureBoot is not 1",
  ),
  tpm2: async (machine) => {
    const { code, stdout } = await machine.run(tpmSeen);
    if (code === 0) return { present: true, reason: "the kernel shows a TPM 2.0" };
    const [place] = stdout.trim().split("\n");
    const why = place
      ? `although ${place} tells of a TPM: the kernel has no driver for it`
      : "and neither ACPI nor a devicetree tells of a TPM";
    return { present: false, reason: `there is no /dev/tpmrm0, ${why}` };
  },
  "measured-firmware": shellProbe(
    // Files of securityfs say they are empty: only reading tells.
    'test -n "$(head -c 32 /sys/kernel/security/tpm0/binary_bios_measurements 2>/dev/null | od -An -tx1)"',
    "the firmware left an event log",
    "the firmware left no event log: it does not measure",
  ),
  "own-kernel": shellProbe(
    // systemd's Container Interface: whoever starts a container says so in its first process's environment.
    "! tr '\\0' '\\n' </proc/1/environ | grep -q '^container='",
    "nothing says that the guest is a container",
    "the guest runs in a container, on another system's kernel",
  ),
  "keeps-writes": shellProbe(
    // Source: kernel-command-line(7).
    "! grep -qE '(^| )systemd\\.volatile=(yes|1|true|on|state|overlay)( |$)' /proc/cmdline",
    "nothing says that what the system writes is lost",
    "what the system writes lies in memory and goes with each boot (systemd.volatile=): there is nothing to be closed",
  ),
  sysext: shellProbe("command -v systemd-sysext >/dev/null", "systemd-sysext is there", "the image has no systemd-sysext"),
  confext: shellProbe("command -v systemd-confext >/dev/null", "systemd-confext is there", "the image has no systemd-confext"),
  "boot-counting": shellProbe(
    "test -e /usr/lib/systemd/system/systemd-bless-boot.service",
    "systemd-bless-boot is there",
    "the image has no systemd-bless-boot",
  ),
  "system-container-runtime": async (machine) => {
    const { code } = await machine.run(`command -v systemd-nspawn >/dev/null || exit 1; ${sysfsProbe}`);
    if (code === 0) return { present: true, reason: "systemd-nspawn is there, and may mount what its container needs" };
    if (code === 1) return { present: false, reason: "the image has no systemd-nspawn to start a system container with" };
    return { present: false, reason: "the guest may mount no sysfs of its own, which a system container needs: its own is partly covered" };
  },
  "oci-runtime": shellProbe(
    "command -v unshare >/dev/null && { command -v crun || command -v runc; } >/dev/null",
    "an OCI runtime, crun or runc, is there",
    "the image has neither crun nor runc to run an OCI container with, or no unshare to start it in a user namespace",
  ),
  fork: (machine) => machine.forkable(),
  updates: async ({ image: { manifest } }) => {
    const present = manifest.os !== "none" && manifest.updates !== undefined && manifest.versions.length > 1;
    return {
      present,
      reason: present
        ? `image.yaml names a ${manifest.os} updater and ${manifest.versions.length} versions`
        : "image.yaml names no updater, or only one version",
    };
  },
  extensions: async ({ image: { manifest } }) => {
    const present = manifest.extensions.length > 0;
    return { present, reason: present ? `image.yaml lists ${manifest.extensions.length} extensions` : "image.yaml lists no extensions" };
  },
};

/** Names that `requires:` may use. */
export const capabilityNames: readonly string[] = Object.keys(probes);

/** Finds out whether the machine has a capability, and says how that was found. A name nobody knows is absent with that reason. */
export async function findCapability(machine: Machine, name: string): Promise<Capability> {
  const { lacks } = machine.target;
  const lacking = Object.hasOwn(lacks, name) ? lacks[name] : undefined;
  if (lacking !== undefined) return { name, present: false, reason: lacking };
  const probe = probes[name];
  if (!probe) return { name, present: false, reason: `no capability of that name; known: ${capabilityNames.join(", ")}` };
  return { name, ...(await probe(machine)) };
}
