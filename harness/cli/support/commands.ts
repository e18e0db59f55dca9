import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";

const folder = join(import.meta.dirname, "..");

/** Names of the commands: one file each in harness/cli, which exports `register`. */
export async function commandNames(): Promise<string[]> {
  return (await readdir(folder))
    .filter((file) => /^[a-z-]+\.ts$/.test(file) && file !== "main.ts")
    .map((file) => file.slice(0, -".ts".length))
    .sort();
}

/** Loads commands and adds them to the program. */
export async function register(program: Command, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const command = (await import(join(folder, `${name}.ts`))) as { register(program: Command): void };
    command.register(program);
  }
}
