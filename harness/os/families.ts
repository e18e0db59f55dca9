import { InputError } from "../model/errors.ts";
import type { Machine } from "../machine/machine.ts";
import type { OsAdapter } from "./adapter.ts";
import { NoUpdater } from "./none.ts";
import { Sysupdate } from "./sysupdate.ts";

/** Speaks one update family, and says which capabilities of a target it cannot do without. */
interface Family {
  new (machine: Machine): OsAdapter;
  readonly needs?: readonly string[];
}

/** Every update family by the name a manifest's `os` gives it. Adding one is adding its file and a line here. */
export const families: Readonly<Record<string, Family>> = {
  none: NoUpdater,
  sysupdate: Sysupdate,
};

/** The adapter of the machine's image. Throws InputError when the manifest names a family there is no adapter for. */
export function adapterFor(machine: Machine): OsAdapter {
  const { os, image } = machine.image.manifest;
  if (!Object.hasOwn(families, os)) {
    throw new InputError([
      {
        at: { flag: `os: ${os} in the manifest of ${image}` },
        what: "no adapter has that name",
        remedy: `Known are ${Object.keys(families).join(", ")}.`,
      },
    ]);
  }
  return new families[os]!(machine);
}
