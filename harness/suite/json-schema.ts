import { readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { suiteDocument } from "./schema.ts";

/** Where the JSON Schema that editors read is kept. */
export const schemaFile = path.join(import.meta.dirname, "suite.schema.json");

/** The suite language as JSON Schema: what may be written, not what it is read as. */
export function suiteJsonSchema(): string {
  const schema = z.toJSONSchema(suiteDocument, { io: "input" });
  return `${JSON.stringify({ ...schema, title: "osbench suite" }, null, 2)}\n`;
}

/** Whether the file kept is the schema of the verbs as they are now. */
export function schemaIsCurrent(): boolean {
  return isDeepStrictEqual(JSON.parse(readFileSync(schemaFile, "utf8")), JSON.parse(suiteJsonSchema()));
}
