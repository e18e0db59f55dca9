import type { Outcome } from "../../model/record.ts";
import type { Newest } from "./newest.ts";

/** An SVG file by its name. */
export interface Badge {
  readonly file: string;
  readonly svg: string;
}

/** Dark enough for white text (contrast above 4.5). */
const colours = { good: "#1a7f37", bad: "#cf222e", unsure: "#9a6700", none: "#57606a" } as const;

/** One badge for everything, and one for each image in each target. Each says in words what its colour says. */
export function badgesOf({ cells }: Newest): Badge[] {
  const outcomes = cells.map(({ record }) => record.outcome);
  const groups = Map.groupBy(cells, ({ record }) => `${record.image.name} × ${record.target.name}`);
  const own = [...groups].map(([name, members]) => ({
    file: `${name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "")
      .slice(0, 100)}.svg`,
    svg: badge(
      name,
      members.map(({ record }) => record.outcome),
    ),
  }));
  const taken = new Map<string, number>();
  return [{ file: "osbench.svg", svg: badge("osbench", outcomes) }, ...own].map(({ file, svg }) => {
    const count = (taken.get(file) ?? 0) + 1;
    taken.set(file, count);
    // Two names may differ only in what a file name cannot say.
    return { file: count === 1 ? file : file.replace(/\.svg$/, `-${count}.svg`), svg };
  });
}

function badge(name: string, outcomes: readonly Outcome[]): string {
  const { words, colour } = stateOf(outcomes);
  const label = [...name].slice(0, 60).join("");
  const widths = [label, words].map((text) => Math.round(textWidth(text)) + 12) as [number, number];
  const whole = widths[0] + widths[1];
  const said = escape(`${label}: ${words}`);
  const text = (at: number, value: string, width: number) =>
    `<text x="${at}" y="14" textLength="${width - 12}" lengthAdjust="spacingAndGlyphs">${escape(value)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${whole}" height="20" viewBox="0 0 ${whole} 20" role="img" aria-label="${said}">`,
    `<title>${said}</title>`,
    `<clipPath id="r"><rect width="${whole}" height="20" rx="3"/></clipPath>`,
    `<g clip-path="url(#r)"><rect width="${widths[0]}" height="20" fill="#24292f"/>`,
    `<rect x="${widths[0]}" width="${widths[1]}" height="20" fill="${colour}"/></g>`,
    `<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">`,
    text(6, label, widths[0]),
    text(widths[0] + 6, words, widths[1]),
    "</g></svg>",
    "",
  ].join("\n");
}

/** What was not tried, or broke in the harness, is never green. */
function stateOf(outcomes: readonly Outcome[]): { words: string; colour: string } {
  const count = (...kinds: Outcome[]) => outcomes.filter((outcome) => kinds.includes(outcome)).length;
  const [failed, unsure, passed] = [count("fail"), count("error", "not-run"), count("pass")];
  if (failed > 0) return { words: `${failed} of ${failed + passed} fail`, colour: colours.bad };
  if (unsure > 0) return { words: `${passed} pass, ${unsure} unknown`, colour: colours.unsure };
  if (passed > 0) return { words: `${passed} pass`, colour: colours.good };
  return { words: outcomes.length > 0 ? "not applicable" : "nothing tested", colour: colours.none };
}

/** Near enough for Verdana at 11 pixels; `textLength` makes it exact. */
function textWidth(text: string): number {
  return [...text].reduce((sum, letter) => sum + (/[iljtfr.,:|! ]/.test(letter) ? 4.2 : /[mwMW×]/.test(letter) ? 9.6 : 7), 0);
}

function escape(text: string): string {
  return text
    .replace(/[^\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
