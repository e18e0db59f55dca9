import { expect, test } from "vitest";
import { Passthrough } from "./passthrough.ts";

const shown = (...chunks: string[]) => {
  const through = new Passthrough();
  return { text: chunks.map((chunk) => through.feed(Buffer.from(chunk)).toString()).join(""), through };
};

test.each([
  ["cursor position", "\x1b[6n"],
  ["status", "\x1b[5n\x1b[?6n"],
  ["device attributes", "\x1b[c\x1b[0c\x1b[>c\x1b[>0;1c\x1b[=c\x1bZ"],
  ["a mode", "\x1b[?2026$p"],
  ["version", "\x1b[>0q\x1b[>q"],
  ["window size", "\x1b[18t\x1b[14t"],
  ["colours", "\x1b]11;?\x1b\\\x1b]4;1;?\x07"],
  ["settings", "\x1bP$qm\x1b\\\x1bP+q544e\x1b\\"],
  ["who are you", "\x05"],
])("a question for %s is not passed on, however it is cut", (_, query) => {
  expect(shown(`a${query}b`).text).toBe("ab");
  expect(shown(...`a${query}b`).text).toBe("ab");
});

test("everything else is, to the byte", () => {
  const plain = "\x1b[1;31mrot\x1b[0m \x1b[?25l\x1b[2J\x1b[10;20H\x1b]0;title\x07\x1b[2 q\x1b[22;0;0t\x1b(B grün\r\n";
  expect(shown(plain).text).toBe(plain);
  const byByte = (bytes: Uint8Array, through = new Passthrough()) =>
    Buffer.concat([...bytes].map((byte) => through.feed(Buffer.from([byte]))));
  expect(byByte(Buffer.from(plain)).toString()).toBe(plain);
  const bytes = Buffer.from([...Array(256).keys()].filter((byte) => byte !== 5 && byte !== 0x1b));
  expect(byByte(bytes)).toEqual(bytes);
});

test("what the guest switched on is switched off at the end, and nothing else", () => {
  expect(shown("plain text\r\n").through.restore).toBe("");
  const { restore } = shown("\x1b[?1049;25h\x1b[?2004h\x1b[?2004l\x1b[?1000h").through;
  expect(restore).toContain("\x1b[?1049l");
  expect(restore).toContain("\x1b[?1000l");
  expect(restore).not.toContain("2004");
  expect(shown("\x1b[31mred").through.restore).toContain("\x1b[0m");
  expect(shown("\x1b[31mred").through.restore).not.toContain("1049");
});
