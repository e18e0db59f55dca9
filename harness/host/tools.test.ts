import { once } from "node:events";
import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import type { ToolsPlace } from "../model/context.ts";
import { HarnessError } from "../model/errors.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { openTools } from "./toolbox.ts";
import { entranceTo } from "./entrance.ts";
import { runTool, spawnTool, toolCommand, toolFile } from "./tools.ts";

const host: ToolsPlace = { kind: "host", root: "", digest: undefined };
let toolbox: ToolsPlace;

beforeAll(async () => {
  toolbox = await openTools("toolbox");
}, 600_000);

const places: [string, () => ToolsPlace][] = [
  ["toolbox", () => toolbox],
  ["host", () => host],
];

/** Command lines of all processes that hold a word. */
async function processesWith(word: string): Promise<string[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(join("/proc", id, "cmdline"), "utf8").catch(() => "")));
  return lines.map((line) => line.replaceAll("\0", " ")).filter((line) => line.includes(word));
}

describe.each(places)("tools of the %s", (_name, place) => {
  test.each([
    ["spawn", 'exec 3>"$0"; echo started >&3; exec sleep "$1"'],
    ["tree", 'exec 3>"$0"; echo started >&3; setsid sleep "$1" & wait'],
  ])("a tool started by %s ends when the process that started it is killed", async (how, command) => {
    const line = join(temporaryFolder(), "held");
    await execa("mkfifo", [line]);
    // A number nobody else sleeps names the process.
    const unique = `${process.pid}${Math.floor(Math.random() * 1e6)}`;
    const script = join(import.meta.dirname, "testdata/start-tool.ts");
    const starter = spawn(process.execPath, [script, JSON.stringify(place()), how, "sh", "-c", command, line, unique], {
      stdio: "inherit",
    });
    // Ends when nobody holds the other side any more: neither the tool nor what it started.
    const held = createReadStream(line);
    await once(held, "data");
    expect(await processesWith(unique)).not.toHaveLength(0);
    starter.kill("SIGKILL");
    held.resume();
    await once(held, "end");
    expect(await processesWith(unique)).toEqual([]);
  });

  test("sees the host's files at the same paths, in the same working directory", async () => {
    const { stdout } = await runTool(place(), ["sh", "-c", "pwd; ls package.json"], { cwd: join(import.meta.dirname, "../..") });
    expect(stdout).toBe(`${join(import.meta.dirname, "../..")}\npackage.json\n`);
  });

  test("a failing tool is the harness's error and shows what it said", async () => {
    const failing = runTool(place(), ["sh", "-c", "echo out; echo oh no >&2; exit 7"]);
    await expect(failing).rejects.toThrow(HarnessError);
    await expect(failing).rejects.toThrow(/sh failed with exit code 7 after/);
    await expect(failing).rejects.toHaveProperty("evidence.stderr", "oh no\n");
  });

  test("a tool that takes too long is ended, and the error says how long it had", async () => {
    await expect(runTool(place(), ["sleep", "60"], { timeoutMs: 300 })).rejects.toThrow("sleep did not end within 0.3 s");
  });

  test("an aborted tool throws the signal's reason", async () => {
    const controller = new AbortController();
    const running = runTool(place(), ["sleep", "60"], { signal: controller.signal });
    controller.abort(new Error("the person lost patience"));
    await expect(running).rejects.toThrow("the person lost patience");
  });

  test("input and environment reach the tool, and each line is reported as it comes", async () => {
    const lines: string[] = [];
    const { stdout } = await runTool(place(), ["sh", "-c", "cat; echo $GREETING"], {
      input: "a\nb\n",
      env: { GREETING: "hello" },
      onLine: (line) => lines.push(line),
    });
    expect(stdout).toBe("a\nb\nhello\n");
    expect(lines).toEqual(["a", "b", "hello"]);
  });

  test("a spawned tool's exit code is a result, not a rejection", async () => {
    const result = await spawnTool(place(), ["sh", "-c", "exit 3"], {});
    expect(result.exitCode).toBe(3);
  });
});

test("a tool of the toolbox does not see the host's programs", async () => {
  expect(toolFile(toolbox, "/usr/bin/mkosi")).toBe(`${toolbox.root}/usr/bin/mkosi`);
  const { stdout } = await runTool(toolbox, ["cat", "/etc/os-release"]);
  expect(stdout).toBe(await readFile(toolFile(toolbox, "/etc/os-release"), "utf8"));
  expect(toolCommand(toolbox, ["true"]).slice(-2)).toEqual(["--", "true"]);
});

describe("the mounts tools of the toolbox share", () => {
  const mounts = async (place = toolbox) => (await runTool(place, ["readlink", "/proc/self/ns/mnt"])).stdout;

  test("are made once, and are not the host's", async () => {
    const first = await mounts();
    expect(first).not.toBe(await mounts(host));
    expect(await mounts()).toBe(first);
    expect(entranceTo(toolbox.root)).toBeDefined();
  });

  test("are not held open by the tools themselves", async () => {
    const { stdout } = await runTool(toolbox, ["sh", "-c", "ls -l /proc/$$/fd"]);
    expect(stdout).not.toContain("mnt:[");
  });

  test("that cannot be made leave each tool to itself, which says what is wrong", async () => {
    const nowhere = { ...toolbox, root: temporaryFolder() };
    await expect(runTool(nowhere, ["true"])).rejects.toHaveProperty("evidence.stderr", expect.stringContaining("does not exist"));
    expect(entranceTo(nowhere.root)).toBeUndefined();
  });
});
