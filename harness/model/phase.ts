/** The stations of one boot, in the order a machine passes them. `crashed` may follow any of them. */
export const phases = ["off", "firmware", "loader", "kernel", "initrd", "userspace", "ready", "shutdown", "crashed"] as const;

export type Phase = (typeof phases)[number];

/** Says whether `a` comes before `b` on the way up. */
export function before(a: Phase, b: Phase): boolean {
  return phases.indexOf(a) < phases.indexOf(b);
}

/** What one way up looked like. Durations are in milliseconds of wall time; a phase not seen on the console is absent. */
export interface Boot {
  /** 1 for the first power-on of this machine, counting every firmware start since. */
  readonly number: number;
  /** The kernel's own /proc/sys/kernel/random/boot_id, once a shell has answered. */
  readonly id: string | undefined;
  readonly durations: Partial<Record<Phase, number>>;
  readonly totalMs: number;
}
