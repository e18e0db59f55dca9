/** The file system an image's own init starts in, without a kernel of its own. Paths absolute; offsets and sizes in bytes. */
export type RootTree =
  | { readonly kind: "folder"; readonly folder: string }
  | {
      readonly kind: "disk";
      /** A raw disk; never written. */
      readonly file: string;
      readonly root: Stretch;
      /** Every partition, for what the root's own fstab names. */
      readonly partitions: readonly (Stretch & { readonly guid: string; readonly label: string })[];
    };

/** A part of a disk. */
export interface Stretch {
  readonly offset: number;
  readonly size: number;
}
