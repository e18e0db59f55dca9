import { SourceMap } from "node:module";
import { expect, test } from "vitest";
import { lineSourceMap } from "./source-map.ts";

test("Node's own reader takes every line back to its origin, far columns and steps backwards included", () => {
  const origins = [undefined, { line: 3, column: 9 }, { line: 200, column: 70 }, { line: 1, column: 1 }, undefined, { line: 2, column: 5 }];
  const map = new SourceMap({ file: "x.js", sourceRoot: "", ...lineSourceMap("x.yaml", "text", origins) });
  const found = origins.map((_, line) => map.findEntry(line, 0));
  expect(
    found.map((entry, line) =>
      "originalLine" in entry && entry.generatedLine === line
        ? { line: entry.originalLine + 1, column: entry.originalColumn + 1 }
        : undefined,
    ),
  ).toEqual(origins);
});
