import { writeFileSync } from "node:fs";
import { jsonSchemas } from "./json-schemas.ts";

/** Run after changing what a run writes: `node harness/model/generate-json-schemas.ts`. */
for (const { file, text } of jsonSchemas()) writeFileSync(file, text);
