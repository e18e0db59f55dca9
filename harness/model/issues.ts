import { z } from "zod";
import type { Problem } from "./errors.ts";
import { nearest, suggest } from "./nearest.ts";
import { knownKeys, schemaAt } from "./schemapath.ts";
import type { YamlPath } from "./yaml.ts";

type Issue = z.core.$ZodIssue;
type Locate = (path: YamlPath, what: string, remedy?: string, part?: "key" | "value") => Problem;

/** Says in a person's words what zod found, each at the place in the file it is about. */
export function issueProblems(issues: readonly Issue[], schema: z.ZodType, locate: Locate, above: YamlPath = []): Problem[] {
  return issues.flatMap((issue) => problemsOf(issue, schema, locate, [...above, ...(issue.path as YamlPath)]));
}

function problemsOf(issue: Issue, schema: z.ZodType, locate: Locate, path: YamlPath): Problem[] {
  const about = describe(schema, path);
  const name = nameOf(path);
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = knownKeys(schema, path);
      return issue.keys.map((key) => {
        const near = nearest(key, known);
        const remedy =
          near === undefined
            ? `Known here: ${known.join(", ")}`
            : `Did you mean \`${near}\`? ${describe(schema, [...path, near]) ?? ""}`.trim();
        return locate([...path, key], `unknown key \`${key}\``, remedy, "key");
      });
    }
    case "invalid_type":
      if (issue.input === undefined && path.length > 0) {
        return [locate(path, `key ${name} is missing`, [`Expected ${article(issue.expected)}.`, about].filter(Boolean).join(" "), "key")];
      }
      return [
        locate(
          path,
          `${name} must be ${article(issue.expected)}, this is ${kind(issue.input)}`,
          remedyFor(issue.expected, issue.input) ?? about ?? keysRemedy(schema, path),
        ),
      ];
    case "invalid_value": {
      const values = issue.values.map(String);
      const missing = issue.input === undefined;
      const near = missing ? undefined : nearest(String(issue.input), values);
      return [
        locate(
          path,
          missing ? `key ${name} is missing` : `${name} cannot be ${JSON.stringify(issue.input)}`,
          [near === undefined ? undefined : `Did you mean "${near}"?`, `One of: ${values.join(", ")}.`, about].filter(Boolean).join(" "),
          missing ? "key" : "value",
        ),
      ];
    }
    case "invalid_union": {
      const best = bestBranch(issue.errors);
      if (best) return issueProblems(best, schema, locate, path);
      const known = "options" in issue ? (issue.options ?? []).map(String) : [];
      const written = (issue.input as Record<string, unknown> | undefined)?.[issue.discriminator ?? ""];
      const remedy = known.length > 0 ? capital(suggest(String(written ?? ""), known)) : about;
      return [
        locate(
          path,
          written === undefined ? `${name} fits nothing that is possible here` : `unknown ${issue.discriminator} "${String(written)}"`,
          remedy,
        ),
      ];
    }
    case "invalid_key":
    case "invalid_element":
      return [locate(path, `${name}: ${issue.issues.map((inner) => inner.message).join("; ")}`, about, "key")];
    default:
      return [locate(path, `${name}: ${lower(issue.message)}`, about)];
  }
}

/** The union member that came furthest: of the kind that was written, whose complaints stand deepest, then the one with the fewest. */
function bestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const depth = (issues: readonly Issue[]) => Math.min(...issues.map((issue) => issue.path.length));
  return branches
    .filter((issues) => issues.length > 0)
    .toSorted((a, b) => Number(isOtherKind(a)) - Number(isOtherKind(b)) || depth(b) - depth(a) || a.length - b.length)[0];
}

/** Whether the member expects another kind of value altogether: text where a mapping was written, or the other way round. */
function isOtherKind(issues: readonly Issue[]): boolean {
  return issues.some(
    (issue) =>
      issue.path.length === 0 && (issue.code === "invalid_type" || (issue.code === "invalid_value" && typeof issue.input === "object")),
  );
}

function nameOf(path: YamlPath): string {
  const [last, before] = [path.at(-1), path.at(-2)];
  if (last === undefined) return "the document";
  if (typeof last === "string") return `\`${last}\``;
  return `item ${last + 1}${before === undefined ? "" : ` of \`${before}\``}`;
}

/** For a mapping that is none: what it may hold. */
function keysRemedy(schema: z.ZodType, path: YamlPath): string | undefined {
  const known = knownKeys(schema, path);
  return known.length === 0 ? undefined : `Its keys are: ${known.join(", ")}`;
}

function describe(schema: z.ZodType, path: YamlPath): string | undefined {
  const found = schemaAt(schema, path);
  return found && z.globalRegistry.get(found)?.description;
}

function article(expected: string): string {
  const words: Record<string, string> = {
    object: "a mapping (`key: value` lines)",
    record: "a mapping (`key: value` lines)",
    array: "a list (`- item` lines or [a, b])",
    string: "text",
    boolean: "true or false",
    int: "a whole number",
    number: "a number",
  };
  return words[expected] ?? expected;
}

function kind(input: unknown): string {
  if (input === null || input === undefined) return "empty";
  if (Array.isArray(input)) return "a list";
  if (typeof input === "object") return "a mapping";
  return typeof input === "string" ? `the text ${JSON.stringify(input)}` : `the ${typeof input} ${String(input)}`;
}

function remedyFor(expected: string, input: unknown): string | undefined {
  if (expected === "string" && (typeof input === "number" || typeof input === "boolean")) return `Put it in quotes: "${String(input)}"`;
  if (expected === "array" && typeof input === "string") return `Make it a list: [${input}]`;
  return undefined;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
