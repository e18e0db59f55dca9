import { join } from "node:path";

/** Modules that are loaded on one occasion with all they import. Those reached on the same of these make one part; the rest is cut where imports are awaited. */
const occasions: Readonly<Record<string, readonly string[]>> = {
  spare: ["run/schedule/spare"],
  run: ["cli/program", "cli/run", "run/command"],
  worker: ["suite/cell", "suite/early", "machine/open", "machine/warm", "qemu/open", "os/families", "host/toolbox"],
  suite: ["suite/runtime"],
};

/** Says in which part a module goes; null for what no start of a run loads, and for tests' own modules, which vitest must be there for. */
export function partNames(harness: string): (id: string, graph: Graph) => string | null {
  const fileOf = (name: string) => join(harness, `${name}.ts`);
  let reached: (readonly [string, ReadonlySet<string>])[] | undefined;
  return (id, graph) => {
    reached ??= Object.entries(occasions).map(([occasion, roots]) => [occasion, closure(roots.map(fileOf), graph)]);
    const part = reached.flatMap(([occasion, modules]) => (modules.has(id) ? occasion : [])).join("-");
    return part === "" || part === "suite" ? null : part;
  };
}

interface Graph {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/** All modules that these import, directly or not, without those they load while running. */
function closure(roots: readonly string[], graph: Graph): ReadonlySet<string> {
  const found = new Set<string>();
  const next = [...roots];
  for (let id = next.pop(); id !== undefined; id = next.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    next.push(...(graph.getModuleInfo(id)?.importedIds ?? []));
  }
  return found;
}
