import { expect, test } from "vitest";
import { parseExtensionStatus } from "./extensions.ts";

test("nothing merged, as systemd 257 prints it", () => {
  expect(
    parseExtensionStatus('[{"hierarchy":"/opt","extensions":"none","since":null},{"hierarchy":"/usr","extensions":"none","since":null}]'),
  ).toEqual([
    { hierarchy: "/opt", extensions: [], since: null },
    { hierarchy: "/usr", extensions: [], since: null },
  ]);
});

test("extensions may be a list or one name", () => {
  const [list] = parseExtensionStatus('[{"hierarchy":"/usr","extensions":["a","b"],"since":1763772000000000}]');
  const [one] = parseExtensionStatus('[{"hierarchy":"/usr","extensions":"a","since":1763772000000000}]');
  expect([list!.extensions, one!.extensions, one!.since]).toEqual([["a", "b"], ["a"], "1763772000000000"]);
});

test("another shape is not read as nothing merged", () => {
  expect(() => parseExtensionStatus('[{"hierarchy":"/usr"}]')).toThrow(/another shape/);
  expect(() => parseExtensionStatus("HIERARCHY EXTENSIONS SINCE")).toThrow(/not JSON/);
});
