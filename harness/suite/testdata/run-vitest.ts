import { writeFileSync } from "node:fs";
import path from "node:path";
import { startVitest } from "vitest/node";
import type { WorkerContext } from "../../model/context.ts";
import { targetManifest } from "../../model/target.ts";
import { suitePlugin } from "../plugin.ts";

/** Runs the suites of a folder with vitest as a user would, machines replaced by the host itself, evidence in a run folder, and prints what every test left as JSON on the last line. */
const [runFolder = "", folder = "", ...files] = process.argv.slice(2);
writeFileSync(path.join(runFolder, "life"), "");
process.env["RUN_FOLDER"] = runFolder;
const here = import.meta.dirname;

const version = { version: "1", disk: "none.raw", format: "raw" as const, good: true };
const manifest = {
  image: "host",
  title: "This host",
  os: "none",
  form: "disk" as const,
  architectures: ["x86_64" as const],
  access: { shell: "builtin" as const },
  memory: 64,
    certificates: [],
  versions: [version],
  extensions: [],
};
const context: WorkerContext = {
  run: "test",
  runFolder,
  image: { manifest, name: "host", folder: runFolder, digest: "0", architecture: "x86_64" },
  target: targetManifest.parse({ target: "host", title: "This host", arch: "x86_64", machine: "none", firmware: { type: "uefi" } }),
  tools: { kind: "host", root: "", digest: undefined },
  accelerator: "tcg",
  bus: undefined,
};
const hostMachine = {
  name: "host-machine",
  enforce: "pre" as const,
  resolveId: (id: string) => (/\/machine\/(?:open|moments\/booted)\.ts$/.test(id) ? path.join(here, "host-machine.ts") : null),
};
const vitest = await startVitest(
  files,
  { config: false, watch: false, root: folder, color: false },
  { plugins: [hostMachine, suitePlugin()], test: { include: ["**/*.suite.yaml", "**/*.test.ts"], provide: { osbench: context }, reporters: ["default"], cache: false } },
);
const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()]);
const metas = Object.fromEntries(tests.map((test) => [`${path.basename(test.module.moduleId)}: ${test.name}`, { state: test.result().state, line: test.location?.line, ...test.meta().osbench }]));
await vitest.close();
// Tests fail here on purpose; whether they fail as they should is for the caller to judge.
process.exitCode = 0;
process.stdout.write(`\n${JSON.stringify(metas)}\n`);
