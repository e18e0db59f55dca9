/** Reads an os-release file: key to value, quotes and escapes removed. Source: os-release(5). */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, key, raw] = /^\s*([A-Z][A-Z0-9_]*)=(.*?)\s*$/.exec(line) ?? [];
    if (key === undefined) continue;
    const quoted = /^"(.*)"$/.exec(raw!)?.[1]?.replaceAll(/\\([\\"$`])/g, "$1") ?? /^'(.*)'$/.exec(raw!)?.[1];
    values.set(key, quoted ?? raw!);
  }
  return values;
}
