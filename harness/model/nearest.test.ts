import { expect, test } from "vitest";
import { nearest, suggest } from "./nearest.ts";

test.each([
  ["tinny", "tiny"],
  ["debain-ab", "debian-ab"],
  ["DEBIAN-AB", "debian-ab"],
  ["zebra", undefined],
  ["", undefined],
])("nearest to %j is %j", (written, near) => expect(nearest(written, ["tiny", "debian-ab", "flatcar"])).toBe(near));

test("names all that is known when nothing is near", () => {
  expect(suggest("zebra", ["tiny", "flatcar"])).toBe("known: tiny, flatcar");
  const many = Array.from({ length: 25 }, (_, index) => `name${index}`);
  expect(suggest("zebra", many)).toMatch(/^known: name0, .*, name19 and 5 more$/);
  expect(suggest("flatcat", ["tiny", "flatcar"])).toBe('did you mean "flatcar"?');
});
