import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolderOfFile } from "../model/testdata/temporary.ts";
import type { MatrixCell } from "./document.ts";
import { aRecord, aRun, writeRun } from "./fixtures/small-run.ts";
import { readMatrixFile } from "./matrix-file.ts";
import { publishMatrix } from "./publish.ts";

const folder = temporaryFolderOfFile();
let json = "";
let text = "";

beforeAll(async () => {
  const run = await writeRun(path.join(folder, "one"), [aRecord(), aRecord({ test: "b" }), aRecord({ test: "c" })], aRun());
  ({ json } = await publishMatrix([run], path.join(folder, "site")));
  text = await readFile(json, "utf8");
}, 60_000);

async function read(content: string) {
  const file = path.join(folder, "matrix.json");
  await writeFile(file, content);
  const cells: MatrixCell[] = [];
  const head = await readMatrixFile(file, (cell) => cells.push(cell));
  return { ...head, cells };
}

test("a matrix is the same in whatever way it is laid out", async () => {
  const whole: unknown = JSON.parse(text);
  for (const layout of [text, JSON.stringify(whole), JSON.stringify(whole, undefined, 2), text.replaceAll("\n", "\r\n")])
    expect(await read(layout)).toEqual(whole);
});

test.each([
  ["cut off between cells", () => text.slice(0, text.indexOf('"test":"c"')).replace(/\n.*$/, "\n"), /it ends in the middle/],
  ["cut off in a cell", () => text.slice(0, text.indexOf('"test":"c"')), /line 6 is not JSON/],
  ["cut off before any cell", () => text.slice(0, 20), /is no matrix: /],
  ["an outcome nobody knows", () => text.replace('"outcome":"pass"', '"outcome":"good"'), /is no matrix: cells\.0\.outcome: /],
  ["counts that are text", () => text.replace(/"counts": .*/, '"counts": "many",'), /is no matrix: counts: /],
  ["a member nobody knows", () => text.replace('"runs":', '"pruns":'), /is no matrix: /],
  ["a prototype", () => text.replace('"schema": 1', '"__proto__": {"schema": 1}'), /is no matrix: /],
  ["another schema", () => text.replace('"schema": 1', '"schema": 2'), /is no matrix: schema: /],
  ["a list", () => "[]", /is no matrix: the whole: /],
  ["nothing", () => "", /is no matrix: /],
])("a matrix.json that is damaged is refused: %s", async (_, made, message) => {
  await expect(read(made())).rejects.toThrow(message);
});
