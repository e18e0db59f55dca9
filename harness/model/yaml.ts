import { readFile } from "node:fs/promises";
import { LineCounter, isMap, isNode, isPair, parseDocument, visit, type Document, type Node, type Range } from "yaml";
import type { z } from "zod";
import { InputError, type Position, type Problem } from "./errors.ts";
import { issueProblems } from "./issues.ts";

/** Keys and indices from the top of a document down to a value. */
export type YamlPath = readonly (string | number)[];

/** A YAML file that was read and fits its schema, with the places of everything in it. */
export interface Loaded<T> {
  readonly value: T;
  readonly file: string;
  readonly text: string;
  /** What is written, before the schema made `value` of it. */
  readonly said: unknown;
  /** Where the value at a path stands; of a missing one, where its nearest parent stands. With `"key"`, where its key stands. */
  at(path: YamlPath, part?: "key" | "value"): Required<Position>;
  /** A problem with the value (or key) at a path, its source line underlined. For checks no schema can make. */
  problem(path: YamlPath, what: string, remedy?: string, part?: "key" | "value"): Problem;
}

const remedies: Readonly<Record<string, string>> = {
  ENOENT: "Relative paths start at the current folder.",
  EACCES: "Give yourself permission to read it and to enter the folders above it.",
};

/**
 * Reads a YAML file and checks it; `unlessSaid` holds values of top-level keys the file does not have.
 * Throws InputError with every problem found: line, column, what is wrong, what would be right.
 */
export async function loadYaml<S extends z.ZodType>(
  file: string,
  schema: S,
  unlessSaid: Readonly<Record<string, unknown>> = {},
): Promise<Loaded<z.output<S>>> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = { ENOENT: "there is no such file", EISDIR: "it is a folder", EACCES: "this user may not read it" }[code ?? ""];
    const what = `cannot be read: ${why ?? (error as Error).message}`;
    throw new InputError([{ at: { file }, what, ...(remedies[code ?? ""] && { remedy: remedies[code ?? ""] }) }]);
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new InputError([{ at: { file }, what: "is not UTF-8 text", remedy: "YAML files are read as UTF-8; save it so." }]);
  }
  return parseYaml(text, file, schema, unlessSaid);
}

/** What came of texts in this process: several parts of a run read the same few files. */
const known = new WeakMap<z.ZodType, Map<string, Loaded<unknown>>>();

/** Like `loadYaml`, of a text that was read before; `file` only names it. The same text gives the same object, which nobody may change. */
export function parseYaml<S extends z.ZodType>(
  text: string,
  file: string,
  schema: S,
  unlessSaid: Readonly<Record<string, unknown>> = {},
): Loaded<z.output<S>> {
  const key = JSON.stringify([file, unlessSaid, text]);
  const before = known.get(schema) ?? new Map<string, Loaded<unknown>>();
  known.set(schema, before);
  const loaded = (before.get(key) as Loaded<z.output<S>> | undefined) ?? parse(text, file, schema, unlessSaid);
  before.set(key, loaded);
  return loaded;
}

function parse<S extends z.ZodType>(
  text: string,
  file: string,
  schema: S,
  unlessSaid: Readonly<Record<string, unknown>>,
): Loaded<z.output<S>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (range: readonly [number, number]) => ({ ...positionIn(lines, file, range[0]), frame: frame(text, lines, range) });
  const faults = syntaxFaults(document).map(({ message, range }) => {
    const { frame: shown, ...at } = place(range);
    return { at, what: `not valid YAML: ${message}`, frame: shown, remedy: syntaxRemedy };
  });
  if (faults.length > 0) throw new InputError(faults);

  const at = (path: YamlPath, part: "key" | "value" = "value") => positionIn(lines, file, rangeOf(document, path, part)[0]);
  const problem = (path: YamlPath, what: string, remedy?: string, part: "key" | "value" = "value"): Problem => {
    const { frame: shown, ...position } = place(rangeOf(document, path, part));
    return { at: position, what, frame: shown, ...(remedy !== undefined && { remedy }) };
  };
  const said = plain(document, file);
  const whole = isMap(document.contents) ? { ...unlessSaid, ...(said as object) } : said;
  const parsed = schema.safeParse(whole, { reportInput: true });
  if (!parsed.success) throw new InputError(inReadingOrder(issueProblems(parsed.error.issues, schema, problem)));
  return { value: parsed.data, file, text, said, at, problem };
}

const syntaxRemedy =
  "Often the line above is the cause: items of one list stand in one column, and text that holds `: `, ` #` or begins with * & ! % @ needs quotes.";

/** What the parser complains about, and aliases without an anchor, which it would only throw over later. */
function syntaxFaults(document: Document.Parsed): { message: string; range: readonly [number, number] }[] {
  const faults = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    message,
    range: pos as readonly [number, number],
  }));
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) || !alias.range) return;
      faults.push({ message: `no anchor &${alias.source} stands before this alias`, range: bounds(alias.range) });
    },
  });
  return faults;
}

function plain(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // The parser refuses aliases that would unfold without bound.
    throw new InputError([{ at: { file }, what: `not usable YAML: ${(error as Error).message}` }]);
  }
}

function inReadingOrder(problems: readonly Problem[]): Problem[] {
  const offset = ({ at }: Problem) => ("line" in at ? (at.line ?? 0) * 100_000 + (at.column ?? 0) : 0);
  return problems.toSorted((a, b) => offset(a) - offset(b));
}

function positionIn(lines: LineCounter, file: string, offset: number): Required<Position> {
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(1, line), column: Math.max(1, col) };
}

/** Offsets of the key or value at a path, or of the nearest parent that exists. */
function rangeOf(document: Document, path: YamlPath, part: "key" | "value"): readonly [number, number] {
  for (let depth = path.length; depth > 0; depth--) {
    const key = path[depth - 1];
    const parent = document.getIn(path.slice(0, depth - 1), true) ?? document.contents;
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && String(isNode(item.key) ? item.key.toJSON() : item.key) === String(key));
      const node = (part === "key" || depth < path.length ? pair?.key : (pair?.value ?? pair?.key)) as Node | undefined;
      if (node?.range) return bounds(node.range);
    } else {
      const node = document.getIn(path.slice(0, depth), true);
      if (isNode(node) && node.range) return bounds(node.range);
    }
  }
  const whole = document.contents?.range;
  return whole ? [whole[0], whole[0]] : [0, 0];
}

function bounds(range: Range): readonly [number, number] {
  return [range[0], range[1]];
}

/** The source line an offset stands on, the part from there on underlined. */
function frame(text: string, lines: LineCounter, [start, end]: readonly [number, number]): string {
  const { line, col } = lines.linePos(start);
  if (line === 0) return "";
  const from = lines.lineStarts[line - 1] as number;
  const source = (text.slice(from).split("\n", 1)[0] as string).replaceAll("\t", " ");
  const length = Math.max(1, Math.min(end - start, source.length - col + 1));
  const gutter = String(line).padStart(5);
  return `${gutter} | ${source}\n${" ".repeat(gutter.length)} | ${" ".repeat(col - 1)}${"^".repeat(length)}`;
}
