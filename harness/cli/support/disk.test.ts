import { Command } from "commander";
import { expect, test } from "vitest";
import { diskOf, diskOptions, withoutPasswords, type DiskFlags } from "./disk.ts";

function parse(...argv: string[]) {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const option of diskOptions()) command.addOption(option);
  return diskOf(command.parse(argv, { from: "user" }).opts<DiskFlags>());
}

test("what flags say of a disk; a password may hold colons", () => {
  expect(
    parse(
      ...[
        "--os",
        "sysupdate",
        "--arch",
        "aarch64",
        "--image-version",
        "7",
        "--memory",
        "2048",
        "--ssh-user",
        "core",
        "--serial-login",
        "root:a:b",
      ],
    ),
  ).toEqual({
    os: "sysupdate",
    architecture: "aarch64",
    version: "7",
    memory: 2048,
    sshUser: "core",
    serial: { user: "root", password: "a:b" },
  });
  expect(Object.values(parse()).filter((value) => value !== undefined)).toEqual([]);
});

test.each([
  [["--memory", "2G"], /whole number of MiB, at least 64/],
  [["--memory", "63"], /at least 64/],
  [["--serial-login", "root"], /Give USER:PASSWORD/],
  [["--arch", "arm64"], /Allowed choices are x86_64, aarch64, riscv64/],
])("%j is refused with what would be right", (argv, answer) => {
  expect(() => parse(...argv)).toThrow(answer);
});

test("no password is in a command line that is kept", () => {
  const kept = withoutPasswords(["run", "a:b", "--serial-login", "root:se:cret", "--serial-login=root:secret", "--out", "x"]);
  expect(kept).toEqual(["run", "a:b", "--serial-login", "root:…", "--serial-login=root:…", "--out", "x"]);
});
