import { readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { record, recordSchemaVersion, runProvenance } from "./record.ts";

/** What is published as JSON Schema, by file: the present version of what a run writes. */
const published = {
  "record.schema.json": { schema: record, title: `osbench record, version ${recordSchemaVersion}: one line of records.jsonl` },
  "run.schema.json": { schema: runProvenance, title: `osbench run, version ${recordSchemaVersion}: run.json` },
} as const;

/** Absolute path and text of each JSON Schema file, as the schemas in `record.ts` say it now. */
export function jsonSchemas(): { file: string; text: string }[] {
  return Object.entries(published).map(([name, { schema, title }]) => {
    const made = { $id: `urn:osbench:${name.split(".")[0]}:${recordSchemaVersion}`, title, ...z.toJSONSchema(schema, { io: "output" }) };
    return { file: path.join(import.meta.dirname, name), text: `${JSON.stringify(made, undefined, 2)}\n` };
  });
}

/** The files whose content is not what the schemas say now. */
export function outdatedJsonSchemas(): string[] {
  return jsonSchemas()
    .filter(({ file, text }) => !isDeepStrictEqual(JSON.parse(readFileSync(file, "utf8")), JSON.parse(text)))
    .map(({ file }) => path.basename(file));
}
