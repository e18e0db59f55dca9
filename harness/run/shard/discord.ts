import type { PartRun } from "./part.ts";

/** What runs that are to be one do not agree on: each would still be read alone, but their outcomes are of different things. */
export function discordOf(parts: readonly PartRun[]): string[] {
  const records = parts.flatMap(({ records: own, run }) => own.map((record) => ({ record, run })));
  const provenances = parts.flatMap(({ provenance, run }) => (provenance ? [{ provenance, run }] : []));
  return [
    ...differing(
      records.map(({ record: { suite }, run }) => ({ what: `suite ${suite.name}`, value: suite.digest, run })),
      "has several revisions",
    ),
    ...differing(
      records.map(({ record: { image, target }, run }) => ({ what: `image ${image.name} (${target.arch})`, value: image.digest, run })),
      "is of several builds",
    ),
    ...differing(
      provenances.map(({ provenance: { osbench }, run }) => ({
        what: "osbench",
        value: [osbench.version, osbench.revision].filter(Boolean).join(" "),
        run,
      })),
      "ran in several revisions",
    ),
    ...differing(
      provenances.map(({ provenance: { toolbox = "the host's own tools" }, run }) => ({ what: "the toolbox", value: toolbox, run })),
      "differs",
    ),
  ];
}

interface Seen {
  readonly what: string;
  readonly value: string;
  readonly run: string;
}

function differing(seen: readonly Seen[], how: string): string[] {
  return [
    ...Map.groupBy(
      seen.filter(({ value }) => value !== ""),
      ({ what }) => what,
    ),
  ].flatMap(([what, all]) => {
    const values = [...Map.groupBy(all, ({ value }) => value)];
    if (values.length === 1) return [];
    const shown = values.map(([value, of]) => `${short(value)} in ${[...new Set(of.map(({ run }) => run))].join(", ")}`);
    return [`${what} ${how}: ${shown.join("; ")}`];
  });
}

function short(value: string): string {
  return value.replace(/[0-9a-f]{16,}/g, (digest) => digest.slice(0, 12));
}
