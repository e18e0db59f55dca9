import type { TargetManifest } from "../model/target.ts";

/** Everything that decides a systemd-nspawn command line. Paths absolute. */
export interface ContainerSpec {
  readonly name: string;
  /** The container's machine id, the same at every start. */
  readonly uuid: string;
  readonly root: string;
  /** Credentials by name, each in a file. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Number on the host of the first of its own 65536 users; undefined: they are the host's. */
  readonly firstUser: number | undefined;
  readonly extra: TargetManifest["container"];
}

/**
 * What a container may do, beyond what its target adds: systemd-nspawn's own choice (systemd-nspawn(1), --capability) without making device nodes,
 * which would open the host's disks where no control group keeps devices apart.
 */
const capabilities = [
  ...[
    "AUDIT_CONTROL",
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_OWNER",
    "KILL",
    "LEASE",
    "LINUX_IMMUTABLE",
  ],
  ...[
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
  ],
  ...["SYS_NICE", "SYS_PTRACE", "SYS_RESOURCE", "SYS_TTY_CONFIG"],
].map((name) => `CAP_${name}`);

/** Every capability of a container. */
export function capabilitiesOf({ capabilities: extra }: ContainerSpec["extra"]): string[] {
  return [...new Set([...capabilities, ...extra])];
}

/** Processing of mounts is held back a second after the fifth one within a second (systemd's ENVIRONMENT.md), most of a container's boot. */
const environment = { SYSTEMD_DEFAULT_MOUNT_RATE_LIMIT_BURST: "1000" };

/**
 * The command line of a container, the program first: its own network with nothing but a loopback, nothing of the host in it, on the
 * terminal it is started on. Pure. Source: systemd-nspawn(1).
 */
export function nspawnArgv(spec: ContainerSpec): string[] {
  return [
    ...["systemd-nspawn", "--quiet", "--boot", `--directory=${spec.root}`, `--machine=${spec.name}`, `--uuid=${spec.uuid}`],
    // No other manager is asked for anything; with --keep-unit a restart ends the program, with code 133.
    ...["--register=no", "--keep-unit", "--private-network", "--link-journal=no", "--resolv-conf=off", "--timezone=off", "--settings=no"],
    ...["--console=interactive", "--background="],
    // What the tree holds belongs to them already.
    ...(spec.firstUser === undefined ? [] : [`--private-users=${spec.firstUser}:65536`, "--private-users-ownership=off"]),
    ...Object.entries(environment).map(([name, value]) => `--setenv=${name}=${value}`),
    ...Object.entries(spec.credentials).map(([name, file]) => `--load-credential=${name}:${file}`),
    ...(spec.extra.capabilities.includes("CAP_MKNOD") ? [] : ["--drop-capability=CAP_MKNOD"]),
    ...(spec.extra.capabilities.length > 0 ? [`--capability=${spec.extra.capabilities.join(",")}`] : []),
    ...spec.extra.binds.map((bind) => `--bind=${bind}`),
  ];
}
