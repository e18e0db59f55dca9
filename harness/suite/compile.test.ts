import { expect, test } from "vitest";
import { compileSuite } from "./compile.ts";
import type { Suite } from "./load.ts";

const at = { file: "/x.suite.yaml", line: 3, column: 5 };

function suiteOf(...names: string[]): Suite {
  const tests = names.map((name) => ({
    name,
    requires: [],
    at,
    start: "off" as const,
    clock: "saved" as const,
    steps: [{ verb: "boot", input: null, text: "boot:", at }],
  }));
  return { name: "x", title: undefined, file: "/x.suite.yaml", text: "", digest: "0", machine: "fresh", requires: [], tests, moments: [] };
}

test("every claim is a plain call of test with its name as it is, whatever is in it", () => {
  const names = ["plain", `with "quotes"`, `with 'both' "kinds"`, "back\\slash", "${code}", "`all` 'three' \"kinds\""];
  const called: string[] = [];
  const { code } = compileSuite(suiteOf(...names));
  const body = code.split("\n").slice(2).join("\n");
  new Function("test", body)((name: string) => called.push(name));
  expect(called).toEqual(names);
  expect(body).toContain(`test('with "quotes"', async (steps) => {\nawait steps.run(0);\n});`);
});

test("the code has as many mapped lines as it has lines", () => {
  const { code, map } = compileSuite(suiteOf("one", "two"));
  expect(map.mappings.split(";")).toHaveLength(code.trimEnd().split("\n").length);
  expect(map.sources).toEqual(["/x.suite.yaml"]);
});
