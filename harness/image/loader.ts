import type { PeFile } from "./pe.ts";

/** Names the projects give themselves in their SBAT entries, as people know them. */
const names: Readonly<Record<string, string>> = {
  shim: "shim",
  grub: "GRUB",
  "systemd-boot": "systemd-boot",
  "systemd-stub": "systemd-stub",
  "systemd-addon": "systemd addon",
  fwupd: "fwupd",
  ipxe: "iPXE",
};

/**
 * What an EFI program is, with its version, as far as it says so: from its SBAT entries (shim's SBAT.md), the magic line systemd-boot carries for
 * bootctl, or a kernel's marks. undefined if it says nothing.
 */
export function loaderOf(pe: PeFile): string | undefined {
  const text = (section: string): string | undefined =>
    pe.sections
      .find(({ name }) => name === section)
      ?.contents()
      .toString("utf8")
      .replaceAll("\0", "");
  const magic = /#### LoaderInfo: (.+?) ####/.exec(text(".sdmagic") ?? "")?.[1];
  if (magic !== undefined) return magic;
  const entries = (text(".sbat") ?? "").split("\n").map((line) => line.trim().split(","));
  const known = entries.find(([component]) => names[component ?? ""] !== undefined);
  if (!known) return undefined;
  const [component, , , , version] = known;
  // A distribution's own entry, `grub.debian`, says more exactly which version it is.
  const own = entries.find(([name]) => name?.startsWith(`${component}.`))?.[4];
  return `${names[component as string]} ${own ?? version ?? ""}`.trim();
}
