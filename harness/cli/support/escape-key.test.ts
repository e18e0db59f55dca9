import { expect, test } from "vitest";
import { EscapeKey } from "./escape-key.ts";

function typed(...chunks: string[]): string[] {
  const keys = new EscapeKey();
  return chunks
    .flatMap((chunk) => keys.feed(Buffer.from(chunk)))
    .map((one) => ("key" in one ? `<${one.key}>` : Buffer.from(one.send).toString()));
}

test.each([
  [["ls\r"], ["ls\r"]],
  [["\x1dq"], ["<q>"]],
  [["\x1d", "q"], ["<q>"]],
  [["ls\r\x1d?pwd\r"], ["ls\r", "<?>", "pwd\r"]],
  [["a\x1d\x1db"], ["a", "\x1db"]],
  [
    ["a\x1d", "\x1db"],
    ["a", "\x1db"],
  ],
  [["\x1d\x1d\x1dq"], ["\x1d", "<q>"]],
  [["\x1b]0;q"], ["\x1b]0;q"]],
  [[""], []],
])("%j is %j", (chunks, expected) => expect(typed(...chunks)).toEqual(expected));
