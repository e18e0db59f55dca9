import type { Command } from "commander";

interface Module {
  register(program: Command): void;
}

/** The commands, one file each in harness/cli. A file that is missing here fails a test. */
const commands: Readonly<Record<string, () => Promise<Module>>> = {
  attach: () => import("../attach.ts"),
  boot: () => import("../boot.ts"),
  build: () => import("../build.ts"),
  certify: () => import("../certify.ts"),
  doctor: () => import("../doctor.ts"),
  gate: () => import("../gate.ts"),
  inspect: () => import("../inspect.ts"),
  matrix: () => import("../matrix.ts"),
  merge: () => import("../merge.ts"),
  moments: () => import("../moments.ts"),
  plan: () => import("../plan.ts"),
  play: () => import("../play.ts"),
  report: () => import("../report.ts"),
  run: () => import("../run.ts"),
  shell: () => import("../shell.ts"),
  verify: () => import("../verify.ts"),
};

export const commandNames: readonly string[] = Object.keys(commands);

/** Loads commands and adds them to the program. */
export async function register(program: Command, names: readonly string[]): Promise<void> {
  for (const name of names) (await commands[name]?.())?.register(program);
}
