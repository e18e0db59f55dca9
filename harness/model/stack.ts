import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";

const place = /((?:file:\/\/)?\/[^\s():]+\.mjs):(\d+):(\d+)/g;

/** A stack trace with the places of sources instead of those of a bundle made of them; places without a source map beside their file stay. */
export function mappedStack(stack: string): string {
  return stack.replaceAll(place, (said, file: string, line: string, column: string) => {
    const path = file.startsWith("file:") ? fileURLToPath(file) : file;
    const origin = mapOf(path)?.findOrigin(Number(line), Number(column));
    return origin && "fileName" in origin
      ? `${fileURLToPath(new URL(origin.fileName, `file://${path}`))}:${origin.lineNumber}:${origin.columnNumber}`
      : said;
  });
}

function mapOf(path: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${path}.map`, "utf8")) as ConstructorParameters<typeof SourceMap>[0]);
  } catch {
    return undefined;
  }
}
