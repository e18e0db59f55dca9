import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { ownFolder } from "../host/place.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";

const testdata = join(import.meta.dirname, "testdata");
const leaks = parse(readFileSync(join(testdata, "leaks.yaml"), "utf8").replaceAll("TESTDATA/", `${testdata}/`)) as Record<
  string,
  Record<string, object>
>;
const cases = Object.entries(leaks).flatMap(([suite, claims]) =>
  Object.entries(claims).map(([claim, container]) => [suite, claim, container] as const),
);

test.runIf(process.getuid?.() === 0).each(cases)(
  "a container that leaks fails: %s, %s",
  { tags: ["full"], timeout: 150_000 },
  async (suite, claim, container) => {
    const folder = temporaryFolder();
    const target = join(folder, "leaky.yaml");
    await writeFile(target, JSON.stringify({ target: "leaky", kind: "container", title: "Leaks", declares: ["shared-kernel"], container }));
    const what = [
      `suites/isolation/${suite}.suite.yaml`,
      "--image",
      // It brings what containers of its own are started with.
      "debian-bootable-container",
      "--target",
      target,
      "--filter",
      claim,
      "--out",
      join(folder, "out"),
      "--json",
    ];
    const osbench = [join(ownFolder, "harness/cli/main.ts"), "run", ...what];
    // Not this worker's own settings: a run inside a run would take itself for a test. Nor its network, by which a run claims the host.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST") && name !== "NODE_OPTIONS"));
    const { stdout } = await execa(
      "unshare",
      ["--net", "--", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", process.execPath, ...osbench],
      {
        reject: false,
        stdin: "ignore",
        timeout: 120_000,
        env,
        extendEnv: false,
      },
    );
    const { records } = JSON.parse(stdout) as { records: { test: string; outcome: string; failure?: { code?: string } }[] };
    expect(records.map(({ test: name, outcome, failure }) => [name, outcome, failure?.code])).toEqual([[claim, "fail", "OSB_TEXT"]]);
  },
);
