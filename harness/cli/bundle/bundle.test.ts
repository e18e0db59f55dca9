import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mappedStack } from "../../model/stack.ts";
import { temporaryFolder } from "../../model/testdata/temporary.ts";
import { bundleFile, bundlesFolder, freshBundle, type Bundle } from "./fresh.ts";
import { makeBundle } from "./make.ts";

describe("whether a bundle is fresh", () => {
  const bundleOf = (files: Readonly<Record<string, string>>) => {
    const folder = temporaryFolder();
    const paths = Object.entries(files).map(([name, text]) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    });
    const sources = paths.map((path) => [path, statSync(path).size, statSync(path).ctimeMs] as const);
    writeFileSync(join(folder, bundleFile), JSON.stringify({ start: paths[0] as string, sources } satisfies Bundle));
    return { folder, start: paths[0] as string, source: paths[1] as string };
  };

  test("it is while every source is what it was", () => {
    const { folder, start } = bundleOf({ "start.mjs": "", "a.ts": "one" });
    expect(freshBundle(folder)).toBe(start);
  });

  test.for<[string, (source: string, start: string) => void]>([
    ["a source of another length", (source) => writeFileSync(source, "longer than it was")],
    ["a source that is gone", (source) => rmSync(source)],
    ["no start", (_, start) => rmSync(start)],
    [
      "a source of the same length and time",
      (source) => {
        const { atime, mtime } = statSync(source);
        writeFileSync(source, "two");
        utimesSync(source, atime, mtime);
      },
    ],
    ["a damaged note", (source) => writeFileSync(join(dirname(source), bundleFile), '{"start":')],
  ])("it is not with %s", ([, spoil]) => {
    const { folder, start, source } = bundleOf({ "start.mjs": "", "a.ts": "one" });
    spoil(source, start);
    expect(freshBundle(folder)).toBeUndefined();
  });

  test("there may be none", () => expect(freshBundle(join(temporaryFolder(), "none"))).toBeUndefined());
});

describe("osbench from its bundle", () => {
  let folder: string;
  let bundle: Bundle;
  // What it imports is found from below node_modules.
  beforeAll(async () => {
    folder = mkdtempSync(join(dirname(bundlesFolder), ".osbench-test-"));
    bundle = await makeBundle(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const harness = join(import.meta.dirname, "../..");
  const run = (module: string, ...argv: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [module, ...argv], { encoding: "utf8", cwd: harness });
    return { status, stdout, stderr };
  };

  test("it is fresh, and one made later takes its place", async () => {
    expect(freshBundle(folder)).toBe(bundle.start);
    expect(bundle.sources.map(([path]) => path)).toEqual(
      expect.arrayContaining([join(harness, "qemu/open.ts"), join(harness, "cli/run.ts")]),
    );
  });

  test.for<string[]>([
    ["--help"],
    ["--version"],
    ["run", "--help"],
    ["run", "nowhere", "--image", "nobody"],
    ["run", "../suites/boot", "--image", "tiny", "--plan"],
    ["gate"],
    ["play", "nothing"],
  ])("it says what the sources say: %j", (argv) => {
    expect(run(bundle.start, ...argv)).toEqual(run(join(harness, "cli/start.ts"), ...argv));
  });

  test("a part of it that was cut short makes it none", () => {
    const part = join(folder, readdirSync(folder, { recursive: true }).find((name) => String(name).includes("parts/worker-")) as string);
    const whole = readFileSync(part);
    writeFileSync(part, "");
    expect(freshBundle(folder)).toBeUndefined();
    writeFileSync(part, whole);
  });

  test("a stack names places of sources", () => {
    const parts = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith(".mjs"));
    const said = parts.flatMap((name) => {
      const lines = readFileSync(join(folder, name), "utf8").split("\n");
      const line = lines.findIndex((text) => text.includes("this is a bug in osbench"));
      return line < 0
        ? []
        : [`    at describe (file://${join(folder, name)}:${line + 1}:${(lines[line] as string).indexOf("return") + 1})`];
    });
    expect(said).toHaveLength(1);
    expect(mappedStack(said[0] as string)).toMatch(new RegExp(`at describe \\(${join(harness, "cli/support/report.ts")}:\\d+:\\d+\\)`));
    expect(mappedStack("at x (/nowhere/y.mjs:1:2)")).toBe("at x (/nowhere/y.mjs:1:2)");
  });

  test("no module of it names a source that is a module: a process never has two of one", () => {
    const parts = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith(".mjs"));
    expect(parts.length).toBeGreaterThan(10);
    const named = parts.flatMap((name) =>
      [...readFileSync(join(folder, name), "utf8").matchAll(/(?:import|from|import\()\s*"([^"]+\.ts)"/g)].map(
        (match) => `${name}: ${match[1]}`,
      ),
    );
    expect(named).toEqual([]);
  });
});
