import { describe, expect, test } from "vitest";
import { seededRandom } from "../model/testdata/random.ts";
import { Automaton } from "./automaton.ts";
import { PatternError } from "./pattern.ts";

/** Which patterns a line bears, read in pieces cut at the given places. */
function found(automaton: Automaton, line: string, cuts: readonly number[] = []): number[] {
  const seen = new Set<number>(automaton.start.found);
  let place = automaton.start;
  for (const [index, from] of [0, ...cuts].entries())
    place = automaton.read(place, line.slice(from, cuts[index] ?? line.length), (patterns) =>
      patterns.forEach((pattern) => seen.add(pattern)),
    );
  for (const pattern of place.foundAtEnd) seen.add(pattern);
  return [...seen].sort((a, b) => a - b);
}

describe("Automaton", () => {
  test("finds all that stand anywhere in the line", () => {
    const automaton = new Automaton(["panic", "^Kernel", "not syncing$", "nothing"]);
    expect(found(automaton, "Kernel panic - not syncing")).toEqual([0, 1, 2]);
    expect(found(automaton, " Kernel panic - not syncing: x")).toEqual([0]);
  });

  test("reading goes on where it stopped, wherever that was", () => {
    const automaton = new Automaton(["^\\[ *\\d+\\.\\d+\\] BUG: .* at [0-9a-f]{4,8}$"]);
    const line = "[   12.345] BUG: unable to handle page fault at 0000dead";
    for (let cut = 0; cut <= line.length; cut++) expect(found(automaton, line, [cut])).toEqual([0]);
  });

  test("is never slow, whatever the pattern", () => {
    const automaton = new Automaton(["(a+)+$", "(?:a|a)*b", "a.{60}x", "(?:(?:a?){20})a{20}c"]);
    const started = performance.now();
    expect(found(automaton, `${"a".repeat(200_000)}!`)).toEqual([]);
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(automaton.known).toBeLessThanOrEqual(4000);
  });

  test.each([
    ["(?=x)", 0, "look-around"],
    ["a(?<n>b)", 1, "named groups"],
    ["(a)\\1", 3, "back-references"],
    ["\\bx", 0, "\\b"],
    ["a**", 2, "quantifier"],
    ["*", 0, "quantifier"],
    ["(a", 0, "no `)`"],
    ["a)", 1, "no `(`"],
    ["[a", 0, "no `]`"],
    ["[z-a]", 2, "range"],
    ["a{3,2}", 1, "wrong order"],
    ["a{1000}", 1, "at most"],
    ["\\", 0, "ends the pattern"],
    ["\\q", 0, "means nothing"],
    ["\\u12", 0, "hexadecimal"],
  ])("%s is refused at character %d", (pattern, index, words) => {
    const refused = (() => {
      try {
        new Automaton([pattern]);
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toBeInstanceOf(PatternError);
    expect(refused).toMatchObject({ index });
    expect((refused as Error).message).toContain(words);
  });

  test("agrees with JavaScript's own engine on random patterns and lines", () => {
    const random = seededRandom(7);
    const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
    const atom = (depth: number): string =>
      depth > 0 && random() < 0.3
        ? `(?:${pattern(depth - 1)})`
        : pick(["a", "b", "c", " ", ".", "[ab]", "[^a]", "\\d", "\\w", "\\S", "\\.", "[a-c0-3]", "\\s", "[\\d-]", "\\x61"]);
    const piece = (depth: number) => atom(depth) + pick(["", "", "", "*", "+", "?", "{2}", "{0,2}", "{1,}", "*?"]);
    const pattern = (depth: number): string => {
      const sequence = () => Array.from({ length: 1 + Math.floor(random() * 4) }, () => piece(depth)).join("");
      const whole = Array.from({ length: random() < 0.3 ? 2 : 1 }, sequence).join("|");
      return depth < 2 ? whole : pick(["", "", "^"]) + whole + pick(["", "", "$"]);
    };
    const line = () =>
      Array.from({ length: Math.floor(random() * 9) }, () => pick(["a", "b", "c", " ", "1", ".", "-", "é", "\u{1f600}"])).join("");
    const rounds = Number(process.env["OSBENCH_FUZZ"] ?? 1) * 200;
    for (let round = 0; round < rounds; round++) {
      const patterns = Array.from({ length: 4 }, () => pattern(2));
      const automaton = new Automaton(patterns);
      for (let count = 0; count < 30; count++) {
        const text = line();
        const expected = patterns.flatMap((one, index) => (new RegExp(one).test(text) ? [index] : []));
        expect(found(automaton, text, [Math.floor(random() * (text.length + 1))])).toEqual(expected);
      }
    }
  });
});
