import { describe, expect, test } from "vitest";
import { seededRandom } from "../model/testdata/random.ts";
import { Search } from "./search.ts";
import { Transcript } from "./transcript.ts";

interface Part {
  readonly text: string;
  readonly offset: number;
  readonly byte: number;
  readonly ended: boolean;
}

function told(chunks: readonly Uint8Array[]): { transcript: Transcript; parts: Part[]; lines: Map<number, string> } {
  const transcript = new Transcript();
  const parts: Part[] = [];
  const lines = new Map<number, string>();
  transcript.read({
    part: (text, offset, byte, ended) => parts.push({ text, offset, byte, ended }),
    line: (line, offset) => lines.set(offset, line),
  });
  for (const chunk of chunks) transcript.feed(chunk);
  return { transcript, parts, lines };
}

const raw = Buffer.from("\u001b[1mfirst\u001b[0m\r\nse\u0007cond ü\r\r\n\u001b]0;title\u0007third\rfourth\nlogin: ");
const plain = "first\nsecond ü\nthird\nfourth\nlogin: ";

describe("Transcript", () => {
  test("gives every part of a line once, with where the line begins, however the bytes are cut", () => {
    const begins = ["\u001b[1mfirst", "se\u0007cond", "\u001b]0;", "fourth", "login"].map((text) => raw.indexOf(text));
    for (let cut = 0; cut <= raw.length; cut++) {
      const { transcript, parts, lines } = told([raw.subarray(0, cut), raw.subarray(cut)]);
      expect(transcript.text()).toBe(plain);
      expect([...lines.values()]).toEqual(plain.split("\n"));
      const byLine = Map.groupBy(parts, ({ offset }) => offset);
      expect([...byLine.values()].map((all) => all.map(({ text }) => text).join(""))).toEqual(plain.split("\n"));
      expect([...byLine].every(([offset, [part]]) => part && plain.slice(0, offset).split("\n").length - 1 >= 0)).toBe(true);
      expect([...byLine.values()].map(([part]) => part?.byte)).toEqual(begins);
    }
  });

  test("text of a position is what came after it", () => {
    const { transcript } = told(Array.from({ length: 5000 }, (_, index) => Buffer.from(`line ${index}\n`)));
    const all = transcript.text();
    expect(all.length).toBe(transcript.length);
    for (const from of [0, 1, 8191, 8192, 8193, 20_000, all.length - 1, all.length, all.length + 5])
      expect(transcript.text(from)).toBe(all.slice(from));
  });

  test("memory is bounded, also for a line without end", () => {
    const transcript = new Transcript();
    let longest = 0;
    transcript.read({ line: (line) => (longest = Math.max(longest, line.length)) });
    const chunk = Buffer.from("x".repeat(64 * 1024));
    for (let count = 0; count < 600; count++) transcript.feed(chunk);
    expect(transcript.length).toBe(600 * 64 * 1024);
    expect(transcript.text().length).toBeLessThan(17 * 1024 * 1024);
    expect(longest).toBeLessThan(256 * 1024);
  });

  test("nothing in any bytes throws, and cutting them changes nothing", () => {
    const random = seededRandom(11);
    const bits = [
      "\u001b[",
      "\u001b]",
      "\u001b",
      "\u0007",
      "\r",
      "\n",
      "\u001b\\",
      "text ",
      "\u0018",
      "ü",
      "\u0000",
      "12;3",
      "m",
      "P",
      "\u007f",
    ].map((text) => Buffer.from(text));
    const rounds = Number(process.env["OSBENCH_FUZZ"] ?? 1) * 3000;
    for (let round = 0; round < rounds; round++) {
      const pieces = Array.from({ length: Math.floor(random() * 40) }, () =>
        random() < 0.2 ? Buffer.from([Math.floor(random() * 256)]) : (bits[Math.floor(random() * bits.length)] as Buffer),
      );
      const whole = Buffer.concat(pieces);
      const [one, many] = [told([whole]), told(pieces)];
      expect(many.transcript.text()).toBe(one.transcript.text());
      expect([...many.lines]).toEqual([...one.lines]);
      // oxlint-disable-next-line no-control-regex -- that none is left is the claim
      expect(one.transcript.text()).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
    }
  });
});

describe("Search", () => {
  test("finds what a whole search would, as the text grows", () => {
    const random = seededRandom(3);
    for (const pattern of [/needle (\d+)/, /(?:^|\n)needle/, /^start/, /^needle/m, /hay\n+needle/, /[^]needle/, /(?<=x )needle/]) {
      const transcript = new Transcript();
      const search = new Search(pattern, 0);
      for (let count = 0; count < 400; count++) {
        const text = random() < 0.004 ? "x needle 7\nneedle 8\n" : "hay ".repeat(Math.floor(random() * 30)) + (random() < 0.5 ? "\n" : "");
        transcript.feed(Buffer.from(text));
        const found = search.in(transcript);
        const expected = pattern.exec(transcript.text());
        expect(found?.index).toBe(expected?.index);
        if (found) break;
      }
    }
  });
});
