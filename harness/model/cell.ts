import { createHash } from "node:crypto";

const longest = 120;

/**
 * Name of a cell's evidence folder: words joined by `.`, each reduced to letters, digits and `-`; safe as one path segment on any file system.
 * What the reduction loses (and any over-long name) is told apart by a digest, so two different cells never share a name.
 */
export function cellName(...words: readonly string[]): string {
  const reduced = words
    .map((word) =>
      word
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, "-")
        .replaceAll(/^-|-$/g, ""),
    )
    .join(".");
  const digest = createHash("sha256").update(JSON.stringify(words)).digest("hex").slice(0, 8);
  return `${reduced.slice(0, longest)}.${digest}`;
}

/** Name of the evidence folder of a cell's later attempt: what an earlier one left stays. */
export function ofAttempt(name: string, attempt = 1): string {
  return attempt === 1 ? name : `${name}.attempt-${attempt}`;
}
