import type { Machine } from "../machine/machine.ts";
import type { CommandResult, RunOptions, Shell, Way } from "../model/shell.ts";

export type OnCommand = (result: CommandResult, way: Way | undefined) => void;

/** The same machine, telling of every command run through it. */
export function observe(machine: Machine, onCommand: OnCommand): Machine {
  const run = async (command: string, options?: RunOptions): Promise<CommandResult> => {
    const result = await machine.run(command, options);
    onCommand(result, undefined);
    return result;
  };
  const shell = async (way?: Way): Promise<Shell> => observeShell(await machine.shell(way), onCommand);
  return overlay(machine, { run, shell });
}

function observeShell(shell: Shell, onCommand: OnCommand): Shell {
  const run = async (command: string, options?: RunOptions): Promise<CommandResult> => {
    const result = await shell.run(command, options);
    onCommand(result, shell.way);
    return result;
  };
  return overlay(shell, { run });
}

/** An object with some members replaced. Methods keep their own `this`, or private fields could not be reached. */
function overlay<T extends object>(target: T, replaced: Partial<T>): T {
  return new Proxy(target, {
    get(_, key) {
      if (Object.hasOwn(replaced, key)) return replaced[key as keyof T];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
