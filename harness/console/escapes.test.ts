import { describe, expect, test } from "vitest";
import { EscapeFilter } from "./escapes.ts";

/** The same text, whole and cut at every single place. */
function everyCut(text: string): string[] {
  const whole = [new EscapeFilter().feed(text)];
  for (let cut = 1; cut < text.length; cut++) {
    const filter = new EscapeFilter();
    whole.push(filter.feed(text.slice(0, cut)) + filter.feed(text.slice(cut)));
  }
  return [...new Set(whole)];
}

describe("EscapeFilter", () => {
  test.each([
    ["colours", "\u001b[0;32mOK\u001b[0m done", "OK done"],
    ["cursor query", "\u001b[32766;32766H\u001b[6nlogin: ", "login: "],
    ["OSC ended by BEL", "a\u001b]0;title\u0007b", "ab"],
    ["OSC 3008 ended by ST", "a\u001b]3008;start=1;type=shell\u001b\\b", "ab"],
    ["DCS", "a\u001bP+q544e\u001b\\b", "ab"],
    ["charset choice", "\u001b(Bx", "x"],
    ["bracketed paste", "\u001b[?2004h$ ", "$ "],
    ["CR LF", "one\r\ntwo\r\r\nthree", "one\ntwo\nthree"],
    ["progress on one line", "10%\r20%\r\n", "10%\n20%\n"],
    ["CR, colour, LF", "a\r\u001b[m\nb", "a\nb"],
    ["bell and NUL", "a\u0007\u0000b\tc", "ab\tc"],
    ["beyond the BMP", "\u001b[1m\u{1f600}\u001b[m", "\u{1f600}"],
  ])("%s, however it is cut", (_, raw, plain) => {
    expect(everyCut(raw)).toEqual([plain]);
  });
});
