import { join } from "node:path";
import { architectureFacts } from "../model/architecture.ts";
import { HarnessError } from "../model/errors.ts";
import type { Image } from "../model/image.ts";
import type { BootMedia } from "../model/media.ts";

/**
 * What a machine is given to start a version of the image from, the first one or the one named; `sectorSize` is that of the machine's disks. Throws
 * HarnessError `OSB_NO_MEDIA` for a version that is only ever an update.
 */
export function bootMedia({ name, folder, architecture, manifest }: Image, wanted?: string, sectorSize = 512): BootMedia {
  const version = manifest.versions.find((candidate) => wanted === undefined || candidate.version === wanted);
  const missing = () => new HarnessError("OSB_NO_MEDIA", `${name} has no ${manifest.form} of version ${wanted ?? "any"} to start from`);
  if (!version) throw missing();
  const inside = (file: string | undefined): string => {
    if (file === undefined) throw missing();
    return join(folder, file);
  };
  const { disk, format, iso, kernel, initrd, root, netboot } = version;
  const rest = { disks: [], discs: [] };
  switch (manifest.form) {
    case "iso":
      return { ...rest, discs: [inside(iso)] };
    case "kernel": {
      const commandLine = (version["command-line"] ?? "console={console}").replaceAll("{console}", architectureFacts[architecture].serial);
      return {
        ...rest,
        disks: root === undefined ? [] : [{ file: inside(root), format: "raw" }],
        kernel: { file: inside(kernel), ...(initrd !== undefined && { initrd: inside(initrd) }), commandLine },
      };
    }
    case "netboot":
      if (!netboot) throw missing();
      return { ...rest, network: { ...netboot, folder: inside(netboot.folder) } };
    default:
      // An EFI program is started from a disk that was made around it.
      return { ...rest, disks: [{ file: inside(sectorSize === 4096 ? (version["disk-4096"] ?? disk) : disk), format }] };
  }
}
