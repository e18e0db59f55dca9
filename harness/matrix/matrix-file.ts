import { readFile, stat } from "node:fs/promises";
import { InputError } from "../model/errors.ts";
import { matrixCell, matrixDocument, matrixHead, type MatrixCell, type MatrixHead } from "./document.ts";
import { linesOf } from "./site/lines.ts";

/** What is not laid out as osbench writes it is read whole, up to this. */
const largestWhole = 256 * 1024 * 1024;

const remedy = "Give run directories, or the matrix.json that `osbench matrix` wrote.";

/**
 * Reads a published matrix.json, handing on its cells one at a time. Holds one of them where the file has a line for each, as it was written; any other
 * layout is read whole. Throws InputError for what is no matrix.
 */
export async function readMatrixFile(file: string, eachCell: (cell: MatrixCell) => void): Promise<MatrixHead> {
  const members = new Map<string, unknown>();
  let place: "before" | "members" | "cells" | "after" = "before";
  let cells = 0;
  for await (const { text, number } of linesOf(file)) {
    const line = text?.trim().replace(/,$/, "");
    if (place === "before" && line === "{") place = "members";
    else if (place === "members" && line === "}") place = "after";
    else if (place === "members" && line === '"cells": [') place = "cells";
    else if (place === "cells" && line === "]") place = "members";
    else {
      const value = place === "cells" ? parse(line) : place === "members" ? parse(`{${line}}`) : undefined;
      if (value === undefined) {
        // Nothing was handed on yet.
        if (cells === 0) return wholeMatrix(file, eachCell);
        throw refused(file, `line ${number} is not JSON`);
      }
      if (place === "cells") {
        eachCell(understood(file, matrixCell, value, `cells.${cells}`));
        cells++;
      } else for (const [name, member] of Object.entries(value)) members.set(name, member);
    }
  }
  if (place === "after") return understood(file, matrixHead, Object.fromEntries(members));
  if (cells === 0) return wholeMatrix(file, eachCell);
  throw refused(file, "it ends in the middle");
}

async function wholeMatrix(file: string, eachCell: (cell: MatrixCell) => void): Promise<MatrixHead> {
  const { size } = await stat(file);
  if (size > largestWhole) throw refused(file, `it has ${size} bytes, and not a line for each cell as \`osbench matrix\` writes it`);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw refused(file, (error as Error).message);
  }
  const { cells, ...head } = understood(file, matrixDocument, value);
  for (const cell of cells) eachCell(cell);
  return head;
}

function parse(text: string | undefined): object | undefined {
  try {
    const value = JSON.parse(text ?? "") as unknown;
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

type Parser<T> = {
  readonly safeParse: (value: unknown) => { readonly data?: T | undefined; readonly error?: { issues: readonly Issue[] } | undefined };
};
type Issue = { readonly path: readonly PropertyKey[]; readonly message: string };

function understood<T>(file: string, schema: Parser<T>, value: unknown, where = ""): T {
  const { data, error } = schema.safeParse(value);
  if (data !== undefined) return data;
  const first = error?.issues[0];
  const at = [where, ...(first?.path ?? []).map(String)].filter((part) => part !== "").join(".");
  throw refused(file, `${at || "the whole"}: ${first?.message}`);
}

function refused(file: string, what: string): InputError {
  return new InputError([{ at: { file }, what: `is no matrix: ${what.replace(/\p{C}/gu, "\ufffd").slice(0, 300)}`, remedy }]);
}
