import type { CellRecord } from "../../model/record.ts";
import type { PartRun } from "./part.ts";

/** What runs that are to be one do not agree on: each would still be read alone, but their outcomes are of different things. */
export class Discord {
  /** Of each thing its values, and of each value the runs that had it. */
  readonly #suites = new Map<string, Map<string, Set<string>>>();
  readonly #images = new Map<string, Map<string, Set<string>>>();

  add({ suite, image, target }: Pick<CellRecord, "suite" | "image" | "target">, run: string): void {
    note(this.#suites, `suite ${suite.name}`, suite.digest, run);
    note(this.#images, `image ${image.name} (${target.arch})`, image.digest, run);
  }

  /** In words; `parts` are the runs whose records were added. */
  words(parts: readonly PartRun[]): string[] {
    const revisions: Noted = new Map();
    const toolboxes: Noted = new Map();
    for (const { provenance, run } of parts) {
      if (!provenance) continue;
      const { osbench, toolbox = "the host's own tools" } = provenance;
      note(revisions, "osbench", [osbench.version, osbench.revision].filter(Boolean).join(" "), run);
      note(toolboxes, "the toolbox", toolbox, run);
    }
    return [
      ...differing(this.#suites, "has several revisions"),
      ...differing(this.#images, "is of several builds"),
      ...differing(revisions, "ran in several revisions"),
      ...differing(toolboxes, "differs"),
    ];
  }
}

type Noted = Map<string, Map<string, Set<string>>>;

function note(noted: Noted, what: string, value: string, run: string): void {
  if (value === "") return;
  const values = noted.get(what) ?? new Map<string, Set<string>>();
  noted.set(what, values);
  const runs = values.get(value) ?? new Set<string>();
  values.set(value, runs);
  runs.add(run);
}

function differing(noted: Noted, how: string): string[] {
  return [...noted].flatMap(([what, values]) => {
    if (values.size === 1) return [];
    const shown = few([...values], ([value, runs]) => `${short(value)} in ${few([...runs], (run) => run).join(", ")}`);
    return [`${what} ${how}: ${shown.join("; ")}`];
  });
}

/** A line nobody can read to its end says nothing. */
function few<T>(all: readonly T[], words: (one: T) => string): string[] {
  const most = 4;
  return [...all.slice(0, most).map(words), ...(all.length > most ? [`${all.length - most} more`] : [])];
}

function short(value: string): string {
  return value.replace(/[0-9a-f]{16,}/g, (digest) => digest.slice(0, 12));
}
