import { expect, test } from "vitest";
import { parseHealth } from "./health.ts";
import { parseOsRelease } from "./release.ts";

test("state and failed units are read as systemd 257 prints them", () => {
  const units = `[{"unit":"never-good.service","load":"loaded","active":"failed","sub":"failed","description":"Never good"}]`;
  expect(parseHealth(`degraded\n${units}\n`)).toEqual({
    state: "degraded",
    failed: [{ unit: "never-good.service", description: "Never good" }],
  });
  expect(parseHealth("running\n[]\n")).toEqual({ state: "running", failed: [] });
});

test("an answer systemd cannot give is not read as healthy", () => {
  expect(() => parseHealth("")).toThrow(/no state/);
  expect(() => parseHealth("Failed to connect to bus: No such file or directory\n[]")).toThrow(/no state/);
  expect(() => parseHealth("running\nFailed to list units")).toThrow(/not JSON/);
  expect(() => parseHealth('running\n{"unit":"x"}')).toThrow(/expected array/);
});

test("os-release: quotes and escapes are taken off, comments skipped", () => {
  const release = parseOsRelease(`# IMAGE_VERSION=9\nNAME="os \\"bench\\""\nVERSION_ID='2'\nIMAGE_VERSION=3\nSUPPORT_END=\n`);
  expect([...release]).toEqual([
    ["NAME", 'os "bench"'],
    ["VERSION_ID", "2"],
    ["IMAGE_VERSION", "3"],
    ["SUPPORT_END", ""],
  ]);
});
