/** One `*.transfer` file of systemd-sysupdate, as far as we need it. */
export interface Transfer {
  readonly file: string;
  readonly target: {
    readonly type: string;
    readonly patterns: readonly string[];
    readonly path: string | undefined;
    readonly relativeTo: string;
  };
}

const folders = ["/etc/sysupdate.d", "/run/sysupdate.d", "/usr/local/lib/sysupdate.d", "/usr/lib/sysupdate.d"];
const separator = "\u001e";

/** Shell script that prints every transfer file after a line `RS path`, the folders in order of precedence. */
export const readTransfers = `for d in ${folders.join(" ")}; do for f in "$d"/*.transfer "$d"/*.conf; do
  if [ -f "$f" ]; then printf '\\036%s\\n' "$f"; cat "$f"; echo; fi
done; done`;

/** Reads what `readTransfers` printed; of files with one name the first folder's wins. Source: sysupdate.d(5). */
export function parseTransfers(output: string): readonly Transfer[] {
  const byName = new Map<string, Transfer>();
  for (const part of output.split(separator).slice(1)) {
    const [file, ...lines] = part.split("\n");
    const name = file!.split("/").at(-1)!;
    if (byName.has(name)) continue;
    const target = readSections(lines).get("Target") ?? new Map<string, string>();
    byName.set(name, {
      file: file!,
      target: {
        type: target.get("Type") ?? "",
        patterns: (target.get("MatchPattern") ?? "").split(/\s+/).filter((pattern) => pattern !== ""),
        path: target.get("Path"),
        relativeTo: target.get("PathRelativeTo") ?? "root",
      },
    });
  }
  return [...byName.values()];
}

function readSections(lines: readonly string[]): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  for (const line of lines
    .join("\n")
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")) {
    const header = /^\[(.+)\]\s*$/.exec(line);
    if (header) {
      section = sections.get(header[1]!) ?? new Map<string, string>();
      sections.set(header[1]!, section);
      continue;
    }
    const assignment = /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (assignment) section.set(assignment[1]!, [section.get(assignment[1]!), assignment[2]!].filter(Boolean).join(" "));
  }
  return sections;
}

/** What each wildcard of sysupdate.d(5) may stand for. */
const wildcards: Readonly<Record<string, string>> = {
  v: "(?<version>[A-Za-z0-9._~^-]+?)",
  l: "\\d+",
  d: "\\d+",
  u: "[0-9a-fA-F-]+",
  f: "[0-9a-fA-F]+",
  h: "[0-9a-fA-F]{64}",
  a: "[01]",
  g: "[01]",
  r: "[01]",
  t: "\\d+",
  m: "[0-7]+",
  s: "\\d+",
};

/** The version a name carries under one of the patterns; undefined when no pattern fits. */
export function matchVersion(patterns: readonly string[], name: string): string | undefined {
  for (const pattern of patterns) {
    const source = pattern.replaceAll(/@(.)|([^@]+)/g, (_, wildcard: string | undefined, literal: string | undefined) =>
      wildcard === undefined ? literal!.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&") : (wildcards[wildcard] ?? "(?!)"),
    );
    const version = new RegExp(`^${source}$`).exec(name)?.groups?.["version"];
    if (version !== undefined) return version;
  }
  return undefined;
}
