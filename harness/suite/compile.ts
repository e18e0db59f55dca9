import { entryFile } from "../model/entries.ts";
import type { Step, Suite } from "./load.ts";
import { lineSourceMap, type Origin } from "./source-map.ts";

const runtime = entryFile("suite/runtime");

export interface CompiledSuite {
  readonly code: string;
  readonly map: ReturnType<typeof lineSourceMap>;
}

/**
 * Turns a suite into a vitest module: one test per claim, one line per step. Every line's origin is its step, so that whatever throws
 * there is shown at the step's own line and column of the YAML.
 */
export function compileSuite(suite: Suite): CompiledSuite {
  const lines: { readonly code: string; readonly origin?: Origin }[] = [
    { code: `import { defineSuite } from ${JSON.stringify(runtime)};` },
    { code: `const { test } = defineSuite(${JSON.stringify({ ...suite, text: "" })});` },
  ];
  for (const test of suite.tests) {
    // A plain call of `test` with its name as a literal: vitest lists tests from the text alone.
    lines.push({ code: `test(${literal(test.name)}, async (steps) => {`, origin: test.at });
    // Who only wants to get to a moment stops there.
    const call = ({ verb }: Step, s: number) => (verb === "moment" ? `if (await steps.run(${s})) return;` : `await steps.run(${s});`);
    test.steps.forEach((step, s) => lines.push({ code: call(step, s), origin: step.at }));
    lines.push({ code: "});", origin: test.at });
  }
  return {
    code: `${lines.map(({ code }) => code).join("\n")}\n`,
    map: lineSourceMap(
      suite.file,
      suite.text,
      lines.map(({ origin }) => origin),
    ),
  };
}

/** The name as a string literal that needs no escapes, where there is one: what is listed is what stands between the quotes. */
function literal(name: string): string {
  const quote = ['"', "'", "`"].find((candidate) => !name.includes(candidate));
  return quote === undefined || /[\\\n]|\$\{/.test(name) ? JSON.stringify(name) : `${quote}${name}${quote}`;
}
