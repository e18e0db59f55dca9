import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { main } from "./testdata/pty.ts";

const folder = () => {
  const kept = temporaryFolder();
  mkdirSync(join(kept, "evidence"));
  return kept;
};

const wrongSignatures = () => {
  const file = join(temporaryFolder(), "wrong.yaml");
  writeFileSync(file, "signatures:\n  - id: mine\n    phase: kernel\n    fault: image\n    means: m\n");
  return file;
};

test.each([
  [["boot", "tinny"], /IMAGE: unknown image "tinny"\n {2}did you mean "tiny"\?/],
  [["shell", "tinny"], /IMAGE: unknown image "tinny"\n {2}did you mean "tiny"\?/],
  [["boot", "./no-such.raw"], /there is no file/],
  [["boot", "tiny", "--target", "x86-64"], /did you mean "x86_64"\?/],
  [["boot", "tiny", "--until", "redy"], /Allowed choices are firmware, loader, kernel, initrd, userspace, ready/],
  [["boot", "tiny", "--memory", "512"], /--memory: describes a disk given by its path/],
  [["boot", "tiny", "--json", "--console"], /standard output cannot hold both/],
  [["boot", "tiny", "--out", folder], /holds the evidence of another machine\n {2}Name a new folder/],
  [["boot", "tiny", "--signatures", wrongSignatures], /wrong\.yaml:2:9: key `pattern` is missing/],
  [["shell", "tiny", "--signatures", wrongSignatures], /wrong\.yaml:2:9: key `pattern` is missing/],
  [["boot", "tiny", "--signatures", "./none.yaml"], /none\.yaml/],
  [["shell", "tiny", "--via", "telnet"], /Allowed choices are channel, ssh, serial/],
])("%j is refused before anything is built or started", async (argv, answer) => {
  const words = argv.map((word) => (typeof word === "string" ? word : word()));
  const { exitCode, stderr, stdout } = await execa(process.execPath, [main, ...words], { reject: false, input: "" });
  expect([exitCode, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(answer);
});
