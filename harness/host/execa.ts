import { createRequire } from "node:module";
import type { execa as Execa } from "execa";

const require = createRequire(import.meta.url);

/** execa, read when the first program is started: it is a fifth of the files osbench would read before its first machine starts. */
export const execa = ((...given: Parameters<typeof Execa>) =>
  (require("execa") as { execa: typeof Execa }).execa(...given)) as unknown as typeof Execa;
