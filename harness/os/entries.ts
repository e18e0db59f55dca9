import type { Entry } from "./adapter.ts";

const counted = /^(?<stem>.*)\+(?<left>\d+)(?:-(?<done>\d+))?(?<suffix>\.(?:efi|conf))$/;

/** Takes a boot counter (`+LEFT` or `+LEFT-DONE` before `.efi` or `.conf`) off an entry's file name. Source: UAPI Boot Loader Specification, "Boot counting". */
export function splitCounter(name: string): {
  readonly plain: string;
  readonly triesLeft: number | undefined;
  readonly triesDone: number | undefined;
} {
  const match = counted.exec(name)?.groups;
  if (!match) return { plain: name, triesLeft: undefined, triesDone: undefined };
  return { plain: `${match["stem"]}${match["suffix"]}`, triesLeft: Number(match["left"]), triesDone: Number(match["done"] ?? 0) };
}

/** Reads an entry off its file name; `versionOf` finds the version in the name without its counter. */
export function parseEntry(name: string, versionOf: (plain: string) => string | undefined): Entry {
  const { plain, triesLeft, triesDone } = splitCounter(name);
  return { name, version: versionOf(plain), triesLeft, triesDone };
}

/** A counter as people write it: `3-0`, or `none` for an entry without one. */
export function formatTries(entry: Pick<Entry, "triesLeft" | "triesDone">): string {
  return entry.triesLeft === undefined ? "none" : `${entry.triesLeft}-${entry.triesDone ?? 0}`;
}
