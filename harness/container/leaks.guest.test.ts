import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { ownFolder } from "../host/place.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";

const leaks = parse(readFileSync(join(import.meta.dirname, "testdata/leaks.yaml"), "utf8")) as Record<string, object>;

test.runIf(process.getuid?.() === 0).each(Object.entries(leaks))(
  "a container that leaks fails: %s",
  { tags: ["full"], timeout: 150_000 },
  async (claim, container) => {
    const folder = temporaryFolder();
    const target = join(folder, "leaky.yaml");
    await writeFile(target, JSON.stringify({ target: "leaky", kind: "container", title: "Leaks", declares: ["shared-kernel"], container }));
    const what = [
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
