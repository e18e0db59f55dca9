import { join } from "node:path";
import { workspacesOf } from "../../host/workspace.ts";
import { InputError } from "../../model/errors.ts";
import { suggest } from "../../model/nearest.ts";
import { attachSocket } from "./attachment.ts";
import { Attached } from "./attached.ts";

/** Meets every machine of this user that runs on this host, the oldest first. The caller disposes of them. */
export async function meetMachines(): Promise<Attached[]> {
  const met = await Promise.allSettled((await workspacesOf("vm")).map((folder) => Attached.at(join(folder, attachSocket))));
  // A machine that does not answer is just going, or just coming.
  const machines = met.filter((one) => one.status === "fulfilled").map((one) => one.value);
  return machines.sort((a, b) => a.facts.started - b.facts.started);
}

/**
 * Meets the one machine that a name means: its own name, or the name of its image while only one machine runs that. Throws InputError with the
 * names there are.
 */
export async function meetMachine(name: string, flag = "NAME"): Promise<Attached> {
  const all = await meetMachines();
  const exact = all.filter(({ facts }) => facts.name === name);
  const meant = exact.length > 0 ? exact : all.filter(({ facts }) => facts.image === name);
  const [found, ...others] = meant;
  for (const one of all) if (one !== found || others.length > 0) one[Symbol.dispose]();
  if (found && others.length === 0) return found;
  const names = all.map(({ facts }) => facts.name);
  if (all.length === 0)
    throw new InputError([{ at: { flag }, what: "no machine of yours runs on this host", remedy: "Start one: osbench boot IMAGE" }]);
  if (found) {
    const remedy = `Name one of them: ${meant
      .map(({ facts }) => facts.name)
      .sort()
      .join(", ")}`;
    throw new InputError([{ at: { flag }, what: `${meant.length} machines run "${name}"`, remedy }]);
  }
  throw new InputError([{ at: { flag }, what: `no running machine is called "${name}"`, remedy: suggest(name, names) }]);
}
