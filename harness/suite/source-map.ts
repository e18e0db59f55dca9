const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** A place in the one source file, line and column from 1; undefined for a generated line that comes from nowhere. */
export type Origin = { readonly line: number; readonly column: number } | undefined;

/** Base64 VLQ of one number. Source: ECMA-426, "Mappings". */
function encode(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = "";
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += digits[rest > 0 ? digit | 32 : digit];
  } while (rest > 0);
  return text;
}

/** A source map (version 3) that takes every generated line as a whole to its origin in one source file. */
export function lineSourceMap(
  file: string,
  source: string,
  origins: readonly Origin[],
): { version: 3; names: string[]; sources: string[]; sourcesContent: string[]; mappings: string } {
  let line = 0;
  let column = 0;
  const mappings = origins.map((origin) => {
    if (!origin) return "";
    const segment = [0, 0, origin.line - 1 - line, origin.column - 1 - column].map(encode).join("");
    line = origin.line - 1;
    column = origin.column - 1;
    return segment;
  });
  return { version: 3, names: [], sources: [file], sourcesContent: [source], mappings: mappings.join(";") };
}
