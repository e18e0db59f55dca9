import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { findImage } from "../../harness/image/manifest.ts";
import { InputError } from "../../harness/model/errors.ts";
import { readSuites } from "../../harness/run/suites.ts";
import { claimsOf, sameClaim, show } from "./judge.ts";
import { findBroken } from "./names.ts";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "images/broken");
const suites = await readSuites([join(root, "suites")]);

test("every claim of the suites has an image that must fail it, and every image a recipe", async () => {
  const images = await findBroken(folder, [], suites);
  // What a target must not leak is failed by targets that do (harness/container/leaks.guest.test.ts).
  const leaks = parse(readFileSync(join(root, "harness/container/testdata/leaks.yaml"), "utf8")) as Record<string, object>;
  const leaked = Object.entries(leaks).flatMap(([suite, claims]) => Object.keys(claims).map((test) => ({ suite, test })));
  const named = [...images.flatMap(({ broken }) => claimsOf(broken)), ...leaked];
  const claims = suites.flatMap(({ source, tests }) => (tests ?? []).map((name) => ({ suite: source.name, test: name })));
  expect(claims.filter((claim) => !named.some((one) => sameClaim(one, claim))).map(show)).toEqual([]);
  for (const { name } of images) {
    const variant = name.slice("broken/".length);
    const { manifest, folder: own } = await findImage(name);
    expect(manifest.build?.env).toEqual({ VARIANT: variant });
    expect(readFileSync(join(own, manifest.build?.recipe ?? "", `${variant}.sh`), "utf8")).toMatch(/^# \S/);
  }
});

test("a claim no suite has is said at its place", async () => {
  const without = suites.map((suite) => (suite.source.name === "boot" ? { ...suite, tests: ["answers over SHS"] } : suite));
  const error = await findBroken(folder, ["no-ssh"], without).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).message).toMatch(
    /no-ssh\/image\.yaml:12:9: suite boot has no claim of these words[^]*did you mean "answers over SHS"/,
  );
  await expect(findBroken(folder, ["no-shs"], suites)).rejects.toThrow(/there is no such image\n.*did you mean "no-ssh"/);
});
