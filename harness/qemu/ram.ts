/** A machine's memory as a file of the host. */
export interface Ram {
  readonly file: string;
  /**
   * `own`: what the guest writes is in the file, so that the machine can be saved without copying its memory. `frozen`: the file is what a saved
   * machine left; what the guest writes stays its own, and what it only reads it shares with every other machine on the same file.
   */
  readonly kind: "own" | "frozen";
}

/** The object that is the machine's memory. Source: qemu-system(1), memory-backend-file; QEMU docs/system/vm-templating.rst. */
export function ramArguments(ram: Ram, memoryMiB: number): string[] {
  const access = ram.kind === "own" ? "share=on" : "share=off,readonly=on,rom=off";
  return ["-object", `memory-backend-file,id=ram0,size=${memoryMiB}M,mem-path=${ram.file},${access}`];
}
