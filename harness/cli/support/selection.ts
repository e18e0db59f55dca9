import { InvalidArgumentError, Option } from "commander";
import type { ToolsPlace } from "../../model/context.ts";
import type { RequestFlags } from "../../run/request.ts";
import { diskOf, diskOptions, withoutPasswords, type DiskFlags } from "./disk.ts";
import { append, setOption, toolsOption } from "./options.ts";

/** Flags that say which claims to try on what, and with what. */
export interface SelectionFlags extends DiskFlags {
  readonly image: string[];
  readonly target: string[];
  readonly set: string[];
  readonly filter?: string;
  readonly tools: ToolsPlace["kind"];
  readonly workers?: number;
}

export function selectionOptions(): Option[] {
  const disk = diskOptions().map((option) =>
    option.helpGroup("A disk given by its path (--image ./my-disk.raw); an image.yaml says these itself:"),
  );
  return [
    new Option("-i, --image <image>", "name of an image below images/, or path of an image.yaml, its folder or a disk; repeatable")
      .argParser(append)
      .default([], "debian-ab"),
    new Option("-t, --target <target>", "name of a target, or path of your own target.yaml; repeatable")
      .argParser(append)
      .default([], "x86_64"),
    setOption(),
    new Option("-f, --filter <text>", "only tests whose name contains this text"),
    new Option("-w, --workers <number>", "at most so many machines at once (default: what memory and cores allow)").argParser(wholeNumber),
    toolsOption(),
    ...disk,
  ];
}

/** What was selected, with the command line as records may keep it. */
export function selected(suites: readonly string[], flags: SelectionFlags): Pick<RequestFlags, "suites" | "disk" | "command"> {
  return { suites, disk: diskOf(flags), command: withoutPasswords(process.argv.slice(2)) };
}

function wholeNumber(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError("Give a whole number of machines, e.g. 2.");
  return Number(value);
}
