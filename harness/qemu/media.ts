import type { BootMedia } from "../model/media.ts";

/** What a machine starts from beside its disks, as attached: what is served over HTTP has its socket. */
export type AttachedMedia = Omit<BootMedia, "disks"> & {
  /** A volume labelled cidata, attached as a disk that cannot be written. */
  readonly noCloud?: string;
  /** File with a configuration for Ignition. */
  readonly ignition?: string;
  /** Unix socket that answers HTTP for `network`, when that goes over HTTP. */
  readonly server?: string;
};

/** Where the guest finds the HTTP server of its network boot. */
const serverAddress = "10.0.2.101";

/** Where Ignition looks on QEMU, as CoreOS and Flatcar build it. Source: Ignition's docs/supported-platforms.md. */
const ignitionNames = ["opt/com.coreos/config", "opt/org.flatcar-linux/config"];

/** Optical drives and the kernel handed over. Source: qemu-system(1); docs/specs/fw_cfg.rst. */
export function mediaArguments({ discs, kernel, network, noCloud, ignition }: AttachedMedia, suffix: string): string[] {
  return [
    // On a bus every machine has, and every firmware reads.
    ...(discs.length > 0 ? ["-device", `virtio-scsi-${suffix},id=optical`] : []),
    ...discs.flatMap((file, index) => [
      ...["-blockdev", `node-name=disc${index},driver=raw,read-only=on,file.driver=file,file.filename=${file}`],
      ...["-device", `scsi-cd,bus=optical.0,drive=disc${index},bootindex=${index}`],
    ]),
    ...(kernel ? ["-kernel", kernel.file, "-append", kernel.commandLine] : []),
    ...(kernel?.initrd === undefined ? [] : ["-initrd", kernel.initrd]),
    ...(noCloud === undefined
      ? []
      : [
          ...["-blockdev", `node-name=cidata,driver=raw,read-only=on,file.driver=file,file.filename=${noCloud}`],
          ...["-device", `virtio-blk-${suffix},drive=cidata,serial=cidata`],
        ]),
    ...(ignition === undefined ? [] : ignitionNames.flatMap((name) => ["-fw_cfg", `name=${name},file=${ignition}`])),
    ...(network ? ["IPv6PXESupport", ...(network.over === "http" ? ["IPv4PXESupport"] : [])].flatMap(switchedOff) : []),
  ];
}

/** Firmware tries one protocol after the other, each for a minute, unless it is told which it need not try. Source: EDK2, OvmfPkg/RUNTIME_CONFIG.md. */
function switchedOff(feature: string): string[] {
  return ["-fw_cfg", `name=opt/org.tianocore/${feature},string=n`];
}

/** What QEMU's own network (`-netdev user`) answers to a firmware that asks where to start from. */
export function networkBootOptions({ network, server }: AttachedMedia): string[] {
  if (!network) return [];
  if (network.over === "pxe") return ["ipv6=off", `tftp=${network.folder}`, `bootfile=${network.file}`];
  return [
    ...["ipv6=off", `bootfile=http://${serverAddress}/${network.file}`],
    `guestfwd=tcp:${serverAddress}:80-cmd:socat STDIO UNIX-CONNECT:${server ?? ""}`,
  ];
}
