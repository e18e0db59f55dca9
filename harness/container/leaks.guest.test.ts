import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { ownFolder } from "../host/place.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";

/** A container that leaks in one way, by the claim that must notice. */
const leaks: Readonly<Record<string, object>> = {
  "has no capability that reaches the host's kernel": { capabilities: ["CAP_SYS_MODULE"] },
  "cannot change settings of the kernel": { "writable-kernel": true },
  "has no disk, memory or hypervisor of the host among its devices": { binds: ["/dev/loop0"] },
  "cannot make a device node to open one by": { capabilities: ["CAP_MKNOD"] },
  "has no folder of the host mounted": { binds: ["/usr/share:/mnt"] },
  "cannot read the host's kernel log": { capabilities: ["CAP_SYSLOG"] },
};

test("every claim of suites/isolation has a leak that must fail it", async () => {
  const { tests } = parse(await readFile(join(ownFolder, "suites/isolation/isolation.suite.yaml"), "utf8")) as {
    tests: { test: string }[];
  };
  expect(tests.map((one) => one.test).sort()).toEqual(Object.keys(leaks).sort());
});

test.runIf(process.getuid?.() === 0).each(Object.entries(leaks))(
  "a container that leaks fails: %s",
  async (claim, container) => {
    const folder = temporaryFolder();
    const target = join(folder, "leaky.yaml");
    await writeFile(target, JSON.stringify({ target: "leaky", kind: "container", title: "Leaks", declares: ["shared-kernel"], container }));
    const argv = [
      "run",
      "suites/isolation",
      "--image",
      "debian-ab",
      "--target",
      target,
      "--filter",
      claim,
      "--out",
      join(folder, "out"),
      "--json",
    ];
    const { stdout } = await execa(process.execPath, [join(ownFolder, "harness/cli/main.ts"), ...argv], {
      reject: false,
      timeout: 120_000,
      env: { NODE_OPTIONS: "" },
    });
    const { records } = JSON.parse(stdout) as { records: { test: string; outcome: string; failure?: { code?: string } }[] };
    expect(records.map(({ test: name, outcome, failure }) => [name, outcome, failure?.code])).toEqual([[claim, "fail", "OSB_TEXT"]]);
  },
  150_000,
);
