import type { execa as Execa } from "execa";
import { requirePackage } from "../model/entries.ts";

/** execa, read when the first program is started: it is a fifth of the files osbench would read before its first machine starts. */
export const execa = ((...given: Parameters<typeof Execa>) =>
  (requirePackage("execa") as { execa: typeof Execa }).execa(...given)) as unknown as typeof Execa;
