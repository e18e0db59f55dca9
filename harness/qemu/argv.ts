import type { QemuAccelerator } from "../model/context.ts";
import type { Credential } from "../model/credential.ts";
import type { HardwareTables, NetworkCard } from "../model/variety.ts";
import { driveArguments, type Drives } from "./drives.ts";
import { mediaArguments, networkBootOptions, type AttachedMedia } from "./media.ts";
import { ramArguments, type Ram } from "./ram.ts";
import type { QemuArchitecture } from "./target.ts";

/** Everything that decides a QEMU command line. Paths absolute, without commas. */
export interface MachineSpec {
  readonly name: string;
  readonly arch: QemuArchitecture;
  readonly machine: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMiB: number;
  /** Memory that is a file; undefined for memory nobody else sees. */
  readonly ram?: Ram | undefined;
  /** Starts with the state of a saved machine, which comes over the monitor line. */
  readonly incoming?: boolean;
  /** Tells the guest's kernel that it is another machine than before: it must not give out the same random numbers. */
  readonly generation?: string;
  readonly accelerator: QemuAccelerator;
  readonly uuid: string;
  readonly mac: string;
  readonly firmware: {
    readonly code: string;
    readonly codeFormat: string;
    readonly vars: string | undefined;
    /** As its descriptor lists them. */
    readonly features: readonly string[];
    /** The flag that hands over firmware which does not live in flash, and what it asks of the machine type. */
    /** A file of zeros as long as the architecture's `first-stack`, put there at every restart; undefined if that need not be blank. */
    readonly blank?: string | undefined;
    readonly loaded?: { readonly by: string; readonly "machine-options": readonly string[] };
  };
  /** qcow2 overlays, in boot order. */
  readonly disks: readonly string[];
  /** How they are attached; on virtio-blk with sectors of 512 bytes unless said. */
  readonly drives?: Drives;
  /** The network card; virtio-net unless said. */
  readonly card?: NetworkCard;
  readonly tables?: HardwareTables | undefined;
  readonly watchdog?: string | undefined;
  /** What the real-time clock begins with, as ISO 8601 in UTC; the right time if undefined. */
  readonly clock?: string | undefined;
  /** What it starts from beside disks. */
  readonly media?: AttachedMedia;
  readonly tpm: { readonly device: string; readonly socket: string } | undefined;
  readonly credentials: readonly Credential[];
  /** A unix socket osbench listens on, and QEMU connects to when it starts. */
  readonly monitor: string;
  /** The serial line's FIFOs, without `.in` and `.out`. */
  readonly serial: string;
  /** Virtio ports by the name the guest sees, each with its socket. */
  readonly ports: Readonly<Record<string, string>>;
  /** Unix socket that answers HTTP at this guest address. */
  readonly updates: { readonly address: string; readonly socket: string } | undefined;
  /** The target's own further arguments. */
  readonly arguments: readonly string[];
}

/** Identifier QEMU's port events carry for a virtio port name. */
export function portId(name: string): string {
  return `port-${name.replaceAll(".", "-")}`;
}

const accelerators: Readonly<Record<QemuAccelerator, { argument: string; cpu?: string }>> = {
  kvm: { argument: "kvm", cpu: "host" },
  tcg: { argument: "tcg,thread=multi" },
};

/** The command line of a machine, QEMU's name first. Pure: the same spec gives the same words. Source: qemu-system(1), docs/interop/firmware.json for flash. */
export function qemuArgv(spec: MachineSpec): string[] {
  return [
    spec.arch.binary,
    ...["-name", spec.name, "-nodefaults", "-no-user-config", "-display", "none", "-msg", "timestamp=on"],
    ...machine(spec),
    ...firmware(spec.firmware),
    ...blankStack(spec),
    ...channels(spec),
    ...driveArguments(spec.disks, spec.drives ?? { bus: "virtio-blk", sectorSize: 512 }, spec.arch.suffix),
    ...(spec.media ? mediaArguments(spec.media, spec.arch.suffix) : []),
    ...network(spec),
    ...tpm(spec.tpm),
    ...credentials(spec),
    ...["-object", "rng-random,id=rng0,filename=/dev/urandom", "-device", `virtio-rng-${spec.arch.suffix},rng=rng0`],
    // A panic is told and nothing more: a kernel may restart the machine after it (panic=), and fall back to an older version.
    ...["-device", "pvpanic-pci", "-action", "panic=none"],
    ...(spec.generation && spec.arch["generation-device"] ? ["-device", `${spec.arch["generation-device"]},guid=${spec.generation}`] : []),
    ...spec.arguments,
    // Paused until the monitor line is up, so that no event of the first moments is lost.
    "-S",
    ...(spec.incoming ? ["-incoming", "defer"] : []),
  ];
}

function machine(spec: MachineSpec): string[] {
  const accelerator = accelerators[spec.accelerator];
  const { loaded, vars } = spec.firmware;
  const flash = loaded ? loaded["machine-options"] : vars === undefined ? ["pflash0=flash0"] : ["pflash0=flash0", "pflash1=flash1"];
  const tables = spec.tables === undefined ? [] : (spec.arch.tables[spec.tables] ?? []);
  const asked = spec.firmware.features.flatMap((feature) => spec.arch["firmware-features"][feature] ?? []);
  const options = [...spec.arch["machine-options"], ...asked.flatMap((one) => one["machine-options"])];
  const ram = spec.ram ? ["memory-backend=ram0"] : [];
  return [
    ...(spec.ram ? ramArguments(spec.ram, spec.memoryMiB) : []),
    ...["-machine", [spec.machine, ...options, ...tables, ...flash, ...ram].join(",")],
    ...asked.flatMap((one) => one.arguments),
    ...["-accel", accelerator.argument, "-cpu", accelerator.cpu ?? spec.cpu, "-smp", String(spec.cores), "-m", `${spec.memoryMiB}M`],
    ...["-uuid", spec.uuid],
    ...(spec.clock === undefined ? [] : ["-rtc", `base=${spec.clock}`]),
    ...(spec.watchdog === undefined ? [] : ["-device", spec.watchdog, "-action", "watchdog=reset"]),
  ];
}

function firmware(firmware: MachineSpec["firmware"]): string[] {
  if (firmware.loaded) return [firmware.loaded.by, firmware.code];
  const code = `node-name=flash0,driver=${firmware.codeFormat},read-only=on,file.driver=file,file.filename=${firmware.code}`;
  const vars = `node-name=flash1,driver=qcow2,file.driver=file,file.filename=${firmware.vars}`;
  return ["-blockdev", code, ...(firmware.vars === undefined ? [] : ["-blockdev", vars])];
}

/** What QEMU's loader device puts into memory it puts there again at every reset (docs/system/generic-loader.rst), and forgets what it had translated there. */
function blankStack({ arch, firmware: { blank } }: MachineSpec): string[] {
  const stack = arch["first-stack"];
  if (!stack || blank === undefined) return [];
  return ["-device", `loader,file=${blank},addr=0x${stack.address.toString(16)},force-raw=on`];
}

function channels(spec: MachineSpec): string[] {
  const connect = (id: string, path: string) => ["-chardev", `socket,id=${id},path=${path},server=off`];
  const ports = Object.entries(spec.ports).flatMap(([name, path]) => [
    ...connect(portId(name), path),
    ...["-device", `virtserialport,chardev=${portId(name)},id=${portId(name)},name=${name}`],
  ]);
  return [
    ...connect("monitor", spec.monitor),
    ...["-mon", "chardev=monitor,mode=control"],
    ...["-chardev", `pipe,id=serial,path=${spec.serial}`],
    ...["-serial", "chardev:serial"],
    ...(ports.length > 0 ? ["-device", `virtio-serial-${spec.arch.suffix},id=ports`] : []),
    ...ports,
  ];
}

const cards: Readonly<Record<NetworkCard, (suffix: string) => string>> = {
  "virtio-net": (suffix) => `virtio-net-${suffix}`,
  e1000e: () => "e1000e",
};

function network(spec: MachineSpec): string[] {
  // Cut off from the world (restrict=on): what a test sees must not depend on the host's network.
  const user = ["user,id=net0,restrict=on,hostfwd=tcp:127.0.0.1:0-:22", ...(spec.media ? networkBootOptions(spec.media) : [])];
  if (spec.updates) user.push(`guestfwd=tcp:${spec.updates.address}-cmd:socat STDIO UNIX-CONNECT:${spec.updates.socket}`);
  const first = spec.media?.network ? ",bootindex=0" : "";
  return [
    "-netdev",
    user.join(","),
    "-device",
    `${cards[spec.card ?? "virtio-net"](spec.arch.suffix)},netdev=net0,mac=${spec.mac},romfile=${first}`,
  ];
}

function tpm(tpm: MachineSpec["tpm"]): string[] {
  if (!tpm) return [];
  return [
    ...["-chardev", `socket,id=tpm,path=${tpm.socket}`],
    ...["-tpmdev", "emulator,id=tpm0,chardev=tpm", "-device", `${tpm.device},tpmdev=tpm0`],
  ];
}

const credentialArguments: Readonly<Record<QemuArchitecture["credentials"], (name: string, base64: string) => string[]>> = {
  smbios: (name, base64) => ["-smbios", `type=11,value=io.systemd.credential.binary:${name}=${base64}`],
  fw_cfg: (name, base64) => [
    "-fw_cfg",
    `name=opt/io.systemd.credentials/${name},string=${Buffer.from(base64, "base64").toString().replaceAll(",", ",,")}`,
  ],
};

function credentials(spec: MachineSpec): string[] {
  const argument = credentialArguments[spec.arch.credentials];
  return spec.credentials.flatMap(({ name, value }) => argument(name, Buffer.from(value).toString("base64")));
}
