import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { NotApplicable } from "../model/errors.ts";
import { bootPhases, measuredSections, predictPcr11, ukiMeasurements, type UkiSection } from "./uki.ts";

function section(name: string, text: string, virtualSize = Buffer.byteLength(text)): UkiSection {
  return { name, virtualSize, contents: () => Buffer.from(text) };
}

const small = [section(".linux", "HALLO\n"), section(".initrd", "foobar\n")];

// Golden values: printf 'HALLO\n' >linux; printf 'foobar\n' >initrd; systemd-measure calculate --linux=linux --initrd=initrd --phase=: --phase=foo   (systemd 257.13)
test("equals systemd-measure before any phase and after one", () => {
  expect(predictPcr11(small, "sha256", []).value).toBe("37b48bd0b222394dbe3cceff2fca4660c4b0a90ae9369ec90b42f14489989c13");
  expect(predictPcr11(small, "sha256", ["foo"]).value).toBe("21c49c1242042649e09c156546fd7d425ccc3c67359f840507b30be4e0f6f699");
});

// Golden values: a file for every section with the contents `NAME of the sample\n`; systemd-measure calculate --linux=… --pcrpkey=… --dtbauto=FILE-FOR-HWIDS
// --phase=enter-initrd:leave-initrd:sysinit:ready. systemd-measure 257.13 takes --dtbauto for .hwids and the other way round (systemd/systemd pull request 35765).
describe("with every section a prediction is possible for", () => {
  const all = measuredSections
    .filter((name) => name !== ".profile" && name !== ".dtbauto")
    .map((name) => section(name, `${name} of the sample\n`));
  test.each([
    ["sha1", "55cdf68039a81d2d65d2feac990c963cd92871e5"],
    ["sha256", "569871d2170a835a5c47d05200b0c4714630e5c69a652570d9a914e5e48ce5be"],
    ["sha384", "089b3b9ab6690aa0e087c97336aaf16532af74f43c0a489969e1dd7641727576eda56829bf097f86017e8720b21c8448"],
    [
      "sha512",
      "2a7c1f460ca2620a5870e0154a65e578563e4a0a3b56038fea63349e37066800e267bf400c2769c759de0a413ca141e9440bb9644557807b18367b10d379d222",
    ],
  ])("equals systemd-measure in bank %s, whatever the order in the file", (bank, golden) => {
    expect(predictPcr11(all, bank).value).toBe(golden);
    expect(predictPcr11(all.toReversed(), bank).value).toBe(golden);
  });
});

test("contents are measured at their size in memory: padded with zeros, or cut", () => {
  const digest = (section: UkiSection): string | undefined => ukiMeasurements([section], ["sha256"])[1]?.digests["sha256"];
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  expect(digest(section(".linux", "abc", 6))).toBe(sha256("abc\0\0\0"));
  expect(digest(section(".linux", "abcdef", 3))).toBe(sha256("abc"));
  expect(digest(section(".linux", "abc", 3_000_001))).toBe(sha256(`abc${"\0".repeat(2_999_998)}`));
});

test(".pcrsig, empty sections, unknown sections and the second of two are not measured", () => {
  const more = [
    ...small,
    section(".pcrsig", "signature"),
    section(".cmdline", "", 0),
    section(".text", "code"),
    section(".linux", "other"),
  ];
  expect(predictPcr11(more, "sha256").value).toBe(predictPcr11(small, "sha256").value);
});

test("every other change of the bytes changes the prediction", () => {
  const value = (sections: readonly UkiSection[]): string => predictPcr11(sections, "sha256").value;
  expect(value([section(".linux", "HALLo\n"), small[1] as UkiSection])).not.toBe(value(small));
  expect(value([...small, section(".cmdline", "quiet")])).not.toBe(value(small));
  expect(predictPcr11(small, "sha256", bootPhases.slice(0, 3)).value).not.toBe(value(small));
});

test("names each step, for explanations", () => {
  expect(predictPcr11(small, "sha256").steps.map((step) => step.measurement.label)).toEqual([
    ".linux (the section's name)",
    ".linux (the section's contents)",
    ".initrd (the section's name)",
    ".initrd (the section's contents)",
    "phase enter-initrd",
    "phase leave-initrd",
    "phase sysinit",
    "phase ready",
  ]);
});

test.each([".profile", ".dtbauto", ".efifw"])("refuses to guess for a UKI with %s", (name) => {
  expect(() => predictPcr11([...small, section(name, "x")], "sha256")).toThrow(NotApplicable);
  expect(() => predictPcr11([...small, section(name, "x")], "sha256")).toThrow(`the UKI has a section ${name}: `);
});

test("something without a section to measure is an error", () => {
  expect(() => predictPcr11([section(".text", "x")], "sha256")).toThrow(/no section of a unified kernel image among \.text/);
});
