import { z } from "zod";
import { ClaimFailed } from "../model/errors.ts";

/** A text that is a regular expression. */
export const regularExpression = z.string().refine(
  (source) => {
    try {
      new RegExp(source, "m");
      return true;
    } catch {
      return false;
    }
  },
  { error: "is not a regular expression JavaScript can read" },
);

/** What a text must be. A bare string means the whole text, trailing newlines aside. */
export const textClaim = z.union([
  z.strictObject({
    exact: z.string().optional().describe("The whole text, trailing newlines aside"),
    contains: z.string().optional().describe("A part of the text"),
    matches: regularExpression.optional().describe("A JavaScript regular expression, `^` and `$` at every line"),
    lacks: z.string().optional().describe("What the text must not contain"),
  }),
  z.string(),
]);

/** Throws ClaimFailed when the text is not what is claimed; `name` says what text it is. */
export function claimText(name: string, text: string, claim: z.output<typeof textClaim>): void {
  const { exact, contains, matches, lacks } =
    typeof claim === "string" ? ({ exact: claim } as { exact: string; contains?: string; matches?: string; lacks?: string }) : claim;
  const shown = JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
  const fail = (what: string): never => {
    throw new ClaimFailed("OSB_TEXT", `${name} is ${shown}, ${what}`);
  };
  if (exact !== undefined && text.replace(/\n+$/, "") !== exact.replace(/\n+$/, "")) fail(`claimed is exactly ${JSON.stringify(exact)}`);
  if (contains !== undefined && !text.includes(contains)) fail(`claimed is that it contains ${JSON.stringify(contains)}`);
  if (matches !== undefined && !new RegExp(matches, "m").test(text)) fail(`claimed is that it matches /${matches}/m`);
  if (lacks !== undefined && text.includes(lacks)) fail(`claimed is that it does not contain ${JSON.stringify(lacks)}`);
}
