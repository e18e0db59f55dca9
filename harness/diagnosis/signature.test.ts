import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { loadSignatures, signaturesFor } from "./signature.ts";

const own = (text: string) => {
  const file = join(temporaryFolder(), "own.yaml");
  writeFileSync(file, text);
  return file;
};

const whole = (id: string, pattern: string) => `  - { id: ${id}, pattern: '${pattern}', phase: kernel, fault: image, means: it is so }\n`;
const refusal = async (text: string) => await loadSignatures([own(text)]).catch((error: Error) => error.message);

describe("signatures of one's own", () => {
  test("a new one is tried first, one with a built-in id changes only what it says, one that is off is gone", async () => {
    const builtIn = await loadSignatures();
    const file = own(
      `signatures:\n${whole("mine", "something of mine")}  - { id: rcu-stall, fault: image, ends: true }\n  - { id: access-denied, off: true }\n`,
    );
    const merged = await loadSignatures([file]);
    expect(merged).toHaveLength(builtIn.length);
    expect(merged[0]).toMatchObject({ id: "mine", ends: false, because: [], on: "line", phase: ["kernel"] });
    const before = builtIn.find(({ id }) => id === "rcu-stall");
    expect(merged.find(({ id }) => id === "rcu-stall")).toEqual({ ...before, fault: "image", ends: true });
    expect(merged.find(({ id }) => id === "access-denied")).toBeUndefined();
  });

  test("a later file changes an earlier one's", async () => {
    const [first, second] = [own(`signatures:\n${whole("mine", "x")}`), own("signatures:\n  - { id: mine, means: it is other }\n")];
    expect((await loadSignatures([first, second]))[0]).toMatchObject({ id: "mine", pattern: "x", means: "it is other" });
  });

  test.each([
    [
      "a pattern that is none",
      whole("a", "x(y"),
      /:2:\d+: not a regular expression that can be used here: there is no `\)` for this `\(` \(character 2 /,
    ],
    ["a pattern that needs backtracking", whole("a", "(?=x)y"), /:2:\d+: .*look-around/],
    ["a pattern that fits nothing at all", whole("a", "x*$"), /:2:\d+: this pattern fits an empty line/],
    ["a pattern that would be slow", whole("a", "(?:(?:[ab]{90}c{90}){9}d)"), /:2:\d+: this pattern would be slow: it has \d+ states/],
    ["an id twice", whole("a", "x") + whole("a", "y"), /:3:\d+: two signatures have the id "a"[^]*Line 2 has it/],
    ["a phase nobody knows", whole("a", "x").replace("phase: kernel", "phase: kernal"), /:2:\d+: [^]*kernal[^]*kernel/],
    ["a new one that leaves something out", "  - { id: a, pattern: x, phase: kernel }\n", /:2:\d+: key `fault` is missing/],
    [
      "a cause nobody knows",
      whole("a", "x").replace("means:", "because: [rcu-stal], means:"),
      /:2:\d+: no signature is called "rcu-stal"[^]*rcu-stall/,
    ],
    [
      "a forerunner nobody knows",
      whole("a", "x").replace("means:", "after: [kernel-ops], means:"),
      /:2:\d+: no signature is called "kernel-ops"[^]*kernel-oops/,
    ],
    ["nothing to take out", "  - { id: nothing, off: true }\n", /:2:\d+: there is no signature "nothing" to take out/],
  ])("%s is refused where it stands", async (_, text, message) => {
    expect(await refusal(`signatures:\n${text}`)).toMatch(message);
  });

  test("says everything that is wrong at once, in all files", async () => {
    const files = [own(`signatures:\n${whole("a", "x(")}${whole("a", "y")}`), own(`signatures:\n${whole("b", "[")}`)];
    const message = await loadSignatures(files).catch((error: Error) => error.message);
    expect(String(message).match(/own\.yaml:\d+:\d+: /g)).toHaveLength(3);
  });
});

test("the built-in ones would pass as a user's", async () => {
  const builtIn = await loadSignatures();
  expect(await loadSignatures([join(import.meta.dirname, "signatures.yaml")])).toEqual(builtIn);
});

test("signatures of other architectures are left out", async () => {
  const all = await loadSignatures();
  const ids = signaturesFor(all, "aarch64").map(({ id }) => id);
  expect(ids).toContain("kernel-panic");
  expect(ids).not.toContain("bios-nothing-to-boot");
  expect(ids).not.toContain("sbi-trap");
});
