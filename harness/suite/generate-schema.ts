import { writeFileSync } from "node:fs";
import { schemaFile, suiteJsonSchema } from "./json-schema.ts";

/** Run after changing a verb: `node harness/suite/generate-schema.ts`. */
writeFileSync(schemaFile, suiteJsonSchema());
