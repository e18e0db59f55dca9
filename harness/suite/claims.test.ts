import { expect, test } from "vitest";
import { classify } from "./failure.ts";
import { ClaimFailed, HarnessError, NotApplicable } from "../model/errors.ts";
import { imageManifest, type Image } from "../model/image.ts";
import { duration, formatDuration } from "./duration.ts";
import { claimPcrChanges } from "./pcr-changes.ts";
import { parsePcrValues } from "./pcr-evidence.ts";
import { recoveryLines } from "./shutdown-claim.ts";
import { claimText } from "./text-claim.ts";
import { resolveVersion } from "./versions.ts";

const fails = (code: string) => expect.objectContaining({ fault: "image", code });

test("durations are read and written", () => {
  expect(["500ms", "90s", "1.5m", "1h"].map((text) => duration.parse(text))).toEqual([500, 90_000, 90_000, 3_600_000]);
  expect(["90", "90 s", "s", "-1s"].map((text) => duration.safeParse(text).success)).toEqual([false, false, false, false]);
  expect([320, 4200, 185_000].map(formatDuration)).toEqual(["320 ms", "4.2 s", "3 min 5 s"]);
});

test("text claims hold, and fail, as said", () => {
  claimText("stdout", "kept\n", "kept");
  claimText("stdout", "a\nb 2\n", { contains: "b", matches: "^b \\d$", lacks: "c" });
  for (const claim of ["kep", { exact: "" }, { contains: "x" }, { matches: "^ept" }, { lacks: "ke" }]) {
    expect(() => claimText("stdout", "kept\n", claim)).toThrow(fails("OSB_TEXT"));
  }
});

test("version words keep their meaning, and say when an image has no such version", () => {
  const image = (versions: { version: string; good?: boolean }[]) =>
    ({ name: "osb", manifest: imageManifest.parse({ image: "osb", title: "t", architectures: ["x86_64"], versions }) }) as Image;
  const full = image([{ version: "1" }, { version: "2" }, { version: "3", good: false }, { version: "4" }]);
  expect(["current", "next", "never-good", "4"].map((word) => resolveVersion(full, word))).toEqual(["1", "2", "3", "4"]);
  expect(() => resolveVersion(image([{ version: "1" }]), "next")).toThrow(NotApplicable);
  expect(() => resolveVersion(full, "never-good ")).toThrow(HarnessError);
  expect(() => resolveVersion(image([{ version: "1" }]), "never-good")).toThrow(NotApplicable);
});

test("only a claim and an assertion speak against the image", () => {
  expect(classify(new ClaimFailed("OSB_X", "no")).outcome).toBe("fail");
  expect(classify({ name: "AssertionError", message: "1 is not 2" }).outcome).toBe("fail");
  expect(classify(new NotApplicable("tpm2", "none"))).toEqual({ outcome: "not-applicable", reason: "tpm2: none" });
  expect(classify(new HarnessError("OSB_X", "ours")).outcome).toBe("error");
  expect(classify(new TypeError("x is undefined")).outcome).toBe("error");
  expect(classify({ name: "TestTimeoutError", message: "timed out" }).outcome).toBe("error");
  // An assertion inside the harness's own classes is still the harness's.
  expect(classify({ name: "AssertionError", fault: "harness", message: "ours" }).outcome).toBe("error");
});

test("what an error carries survives: code, hint, evidence, and the stack of what is no error of ours", () => {
  const failure = classify(new ClaimFailed("OSB_X", "no", { hint: "look", evidence: { stdout: "out" } })).failure;
  expect(failure).toEqual({ message: "no", code: "OSB_X", hint: "look", details: { stdout: "out" } });
  expect(classify(new TypeError("x")).failure?.details["stack"]).toContain("claims.test.ts");
});

test("recoveries of a file system or journal are seen, ordinary mounts are not", () => {
  const clean = "EXT4-fs (vda4): mounted filesystem 1b2c r/w with ordered data mode. Quota mode: none.\nsystemd[1]: Mounted var.mount.";
  expect(recoveryLines(clean)).toEqual([]);
  const dirty = [
    "EXT4-fs (vda4): recovery complete",
    "FAT-fs (vda1): Volume was not properly unmounted. Some data may be corrupt. Please run fsck.",
    "File /var/log/journal/x/system.journal corrupted or uncleanly shut down, renaming and replacing.",
  ];
  expect(recoveryLines(`${clean}\n${dirty.join("\n")}`)).toEqual(dirty);
});

test("PCR values are read by bank and number, and nothing else is taken for one", () => {
  const value = "AB".repeat(32);
  expect(parsePcrValues(`sha256/0 ${value}\nsha256/11 ${value}\n`)).toEqual({
    sha256: { 0: value.toLowerCase(), 11: value.toLowerCase() },
  });
  expect(() => parsePcrValues("cat: /sys/class/tpm/tpm0: No such file")).toThrow(/no PCR value/);
});

test("PCR changes: what must change, what must stay, and everything else", () => {
  const [a, b] = ["a".repeat(64), "b".repeat(64)];
  const before = { sha256: { 0: a, 4: a, 5: a, 7: a, 11: a, 16: a } };
  const after = (changed: Record<number, string>) => ({ sha256: { ...before.sha256, ...changed } });
  const claim = { changed: [4, 11], mayChange: [5], same: "others" as const };
  claimPcrChanges(before, after({ 4: b, 11: b, 5: b, 16: b }), claim);
  claimPcrChanges(before, before, { changed: [], mayChange: [], same: "all" });
  expect(() => claimPcrChanges(before, after({ 4: b, 11: b, 7: b }), claim)).toThrow(/PCR 7 \(sha256\) changed/);
  expect(() => claimPcrChanges(before, after({ 11: b }), claim)).toThrow(/PCR 4 \(sha256\) did not change/);
  expect(() => claimPcrChanges(before, after({ 0: b }), { changed: [], mayChange: [], same: "all" })).toThrow(fails("OSB_PCR_CHANGES"));
  expect(() => claimPcrChanges(before, { sha1: {} }, { changed: [], mayChange: [], same: "all" })).toThrow(/active banks/);
  expect(() => claimPcrChanges(before, before, { changed: [], mayChange: [], same: [12] })).toThrow(/PCR 12 \(sha256\) was not there/);
  expect(() => claimPcrChanges(undefined, before, claim)).toThrow(HarnessError);
});
