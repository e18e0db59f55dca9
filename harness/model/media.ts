/** What an image is put into a machine as, and what the machine starts from. Paths absolute. */
export interface BootMedia {
  /** Disks, the one to start from first. Never written: machines write to overlays. */
  readonly disks: readonly { readonly file: string; readonly format: string }[];
  /** ISO files, each in an optical drive; started from before any disk. */
  readonly discs: readonly string[];
  /** A kernel that is handed over beside the firmware, which starts it before it looks at disks. */
  readonly kernel?: { readonly file: string; readonly initrd?: string; readonly commandLine: string };
  /** A folder served to the firmware's network boot, which starts `file` (relative to it). */
  readonly network?: { readonly folder: string; readonly file: string; readonly over: NetworkBoot };
}

/** By which protocol firmware fetches the program it starts: `pxe` (DHCP and TFTP) or `http` (DHCP and HTTP; UEFI 2.10, section 24.7). */
export type NetworkBoot = "pxe" | "http";

/** What tells an image at its first boot whom to let in, for images that read no credentials: files for cloud-init, a configuration for Ignition. */
export interface Seeds {
  /** Files of a volume labelled `cidata`, by name. Source: cloud-init's NoCloud data source. */
  readonly noCloud?: Readonly<Record<string, string>>;
  /** JSON. Source: Ignition's configuration specification 3.0. */
  readonly ignition?: string;
}
