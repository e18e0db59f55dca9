import { expect, test } from "vitest";
import { matchesPattern, newestMachine, parseMachineHelp } from "./machines.ts";
import { firstVersion, isOlder } from "./versions.ts";

test.each([
  ["QEMU emulator version 10.0.13 (Debian 1:10.0.13+ds-0+deb13u1)", "10.0.13"],
  ["mkosi 25.3", "25.3"],
  ["systemd 257 (257.9-1)", "257"],
  ["no number here", undefined],
])("the version in %j is %j", (text, version) => expect(firstVersion(text)).toBe(version));

test.each([
  ["7.2", "9.0", true],
  ["9.0.1", "9.0", false],
  ["9", "9.0", false],
  ["10.0", "9.2", false],
  ["25", "25.1", true],
])("%s is older than %s: %s", (a, b, older) => expect(isOlder(a, b)).toBe(older));

test("QEMU's list of machines gives names and what they stand for", () => {
  const help =
    "Supported machines are:\nq35                  Standard PC (Q35 + ICH9, 2009) (alias of pc-q35-10.0)\npc-q35-10.0          Standard PC (Q35 + ICH9, 2009)\n";
  expect(parseMachineHelp(help)).toEqual([
    { name: "q35", alias: "pc-q35-10.0" },
    { name: "pc-q35-10.0", alias: undefined },
  ]);
});

test("a pattern's star is the only thing in it that is not literal", () => {
  expect(matchesPattern("pc-q35-10.0", "pc-q35-*")).toBe(true);
  expect(matchesPattern("pc-q35-10.0", "pc-q35-10?0")).toBe(false);
  expect(matchesPattern("pc-q35-10x0", "pc-q35-10.0")).toBe(false);
  expect(matchesPattern("virt-10.0", "virt")).toBe(false);
});

test("the machine a firmware is for is called by its short name, if it has one", () => {
  const q35 = [
    { name: "q35", alias: "pc-q35-10.0" },
    { name: "pc-q35-10.0", alias: undefined },
  ];
  expect(newestMachine(q35, ["pc-q35-*"])).toBe("q35");
  expect(
    newestMachine(
      [
        { name: "none", alias: undefined },
        { name: "virt", alias: undefined },
      ],
      ["virt*"],
    ),
  ).toBe("virt");
  expect(newestMachine(q35, ["virt*"])).toBeUndefined();
});
