import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { beforeEach, describe, expect, test } from "vitest";
import { recordingFiles } from "../console/recorder.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { parseRecording } from "./support/recording.ts";
import { textOf, upTo } from "./support/recorded-text.ts";
import { main, openPty, osbenchLine, prepareTerminals } from "./testdata/pty.ts";

prepareTerminals();

const header = { version: 3, term: { cols: 120, rows: 40, type: "xterm-256color" }, timestamp: 1, title: "tiny on x86_64" };
const events = [
  [0, "m", "boot 1: firmware"],
  [0.5, "o", "BdsDxe: star"],
  [0.25, "o", "ting Boot0001\r\n"],
  [0, "m", "boot 1: loader"],
  [0.25, "o", "\x1b[32mkernel\x1b[0m\r\nlogin: "],
  [60, "m", "boot 1: ready"],
  [0.5, "o", "\x1b[6nroot\r\n"],
];
const cast = (...lines: unknown[]) => lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  writeFileSync(join(folder, recordingFiles.cast), cast(header, ...events));
  writeFileSync(join(folder, recordingFiles.raw), "BdsDxe: starting Boot0001\r\nkernel\r\n");
});

const play = (...argv: string[]) =>
  execa(process.execPath, [main, "play", ...argv], { reject: false, input: "", stripFinalNewline: false });

describe("reading a recording", () => {
  test("times add up in version 3 and stand for themselves in version 2; comments and empty lines are none", () => {
    const third = parseRecording("c", cast(header, "# a comment", [1, "o", "a"], "", [1.5, "x", "7"], [0.5, "m", "b"]));
    expect(third.events).toEqual([
      { at: 1, kind: "o", text: "a" },
      { at: 2.5, kind: "x", text: "7" },
      { at: 3, kind: "m", text: "b" },
    ]);
    expect(third).toMatchObject({ title: "tiny on x86_64", columns: 120, rows: 40, damage: [] });
    const second = parseRecording("c", cast({ version: 2, width: 80, height: 24 }, [1, "o", "a"], [1.5, "o", "b"]));
    expect(second.events.map(({ at }) => at)).toEqual([1, 1.5]);
    expect(second).toMatchObject({ title: "", columns: 80, rows: 24 });
  });

  test("what is damaged is said by its lines, and all the rest is kept", () => {
    const text = cast(header, [1, "o", "a"], "[0.5,", "\u0000\u0000", [1, "o", "b"], [-1, "o", "c"], [1, 2], '[1,"o","cut');
    const { events: kept, damage } = parseRecording("c.cast", text.trimEnd());
    expect(kept.map((event) => event.text)).toEqual(["a", "b"]);
    expect(damage).toEqual([
      "c.cast:3: lines 3 to 4 are damaged; what is whole plays",
      "c.cast:6: lines 6 to 7 are damaged; what is whole plays",
      "c.cast:8: ends in the middle of a line: its recorder was killed; what is whole plays",
    ]);
  });

  test.each(["", "{}\n", "hello\n", '{"version":1}\n', '{"version":3}\n'])("%j is no recording", (text) => {
    expect(() => parseRecording("c.cast", text)).toThrow("c.cast:1: no recording of a console");
  });
});

test("text has the time each line began, markers in between, and no terminal control", () => {
  const recording = parseRecording("c", cast(header, ...events));
  expect([...textOf(recording)]).toEqual([
    "[    0.000] --- boot 1: firmware ---",
    "[    0.500] BdsDxe: starting Boot0001",
    "[    0.750] --- boot 1: loader ---",
    "[    1.000] kernel",
    "[    1.000] login: ",
    "[   61.000] --- boot 1: ready ---",
    "[   61.500] root",
  ]);
  expect([...textOf(upTo(recording, "loader"))]).toHaveLength(3);
  expect([...textOf(upTo(recording, "1.5s"))].at(-1)).toBe("[    1.000] login: ");
  expect(() => upTo(recording, "boot 2: ready")).toThrow(/no marker "boot 2: ready"\n {2}did you mean "boot 1: ready"\?/);
});

test("lists markers, of a folder, a folder above it, a file, or the raw bytes beside it", async () => {
  const list = "    0.000  boot 1: firmware\n    0.750  boot 1: loader\n   61.000  boot 1: ready\n";
  for (const path of [folder, join(folder, recordingFiles.cast), join(folder, recordingFiles.raw)])
    expect(await play(path, "--list")).toMatchObject({ exitCode: 0, stdout: list, stderr: "" });
  rmSync(join(folder, recordingFiles.cast));
  const raw = await play(folder, "--text");
  expect(raw.stdout).toBe("[    0.000] BdsDxe: starting Boot0001\n[    0.000] kernel\n");
  expect(raw.stderr).toContain("nobody knows when it said what");
});

test("what is no recording, or not there, is wrong input", async () => {
  const file = join(folder, "note.txt");
  writeFileSync(file, "hello\n");
  expect(await play(file)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`${file}:1: no recording of a console`) });
  const near = await play(join(folder, "console.cats"));
  expect(near).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`did you mean ${join(folder, "console.cast")}?`) });
  expect((await play(temporaryFolder())).stderr).toContain("no recording of a console is in this folder");
  expect((await play(folder, "--speed", "0")).exitCode).toBe(2);
  expect((await play(folder, "--idle-limit", "-1")).exitCode).toBe(2);
  expect((await play(folder, "--list", "--text")).exitCode).toBe(2);
});

test("a damaged recording plays what is whole and says so", async () => {
  const file = join(folder, recordingFiles.cast);
  writeFileSync(file, readFileSync(file, "utf8").replace(/^.*ting Boot.*$/m, "\u0000"));
  const { exitCode, stdout, stderr } = await play(folder, "--speed", "100", "--idle-limit", "0.1");
  expect([exitCode, stderr]).toEqual([0, `warning: ${file}:4: this line is damaged; what is whole plays\n`]);
  expect(stdout).toContain("kernel");
});

test("plays in its own time, or faster, with silences cut short", async () => {
  const time = async (...argv: string[]) => (await play(folder, ...argv)).durationMs;
  // 1.5 s of output, and 2 s of the silence of a minute.
  const usual = await time();
  expect(usual).toBeGreaterThan(3500);
  expect(usual).toBeLessThan(40_000);
  // The minute at a speed that makes 3 s of it. What osbench needs to start is in all these times.
  const fast = await time("--idle-limit", "0", "--speed", "20");
  expect(fast).toBeGreaterThan(3000);
  expect(fast).toBeLessThan(40_000);
});

test("at a terminal, keys pause it, step it, jump to phases and quit; questions to the terminal stay in the recording", async () => {
  const pty = await openPty(osbenchLine("play", folder, "--speed", "0.01", "--idle-limit", "0"), `echo "exit=$?"; stty -a`);
  await pty.shows(/paused|recorded at 120 x 40, this terminal has 100 x 30/);
  pty.type(" ");
  await pty.shows(/paused 0\.0 s boot 1: firmware/);
  pty.type(".");
  await pty.shows(/BdsDxe: star/);
  pty.type("\x1b[C\x1bOC");
  await pty.shows(/ting Boot0001\r+\n[^]*paused 0\.8 s boot 1: loader[^]*kernel[^]*login: [^]*paused 61\.0 s boot 1: ready/);
  pty.type("\x1b[D");
  await pty.shows(/\[H[^]{1,2}\[2J[^]*BdsDxe: starting Boot0001\r+\n[^]*paused 0\.8 s boot 1: loader/);
  pty.type("\x1b[C.");
  await pty.shows(/root\r+\n/);
  await pty.shows(/exit=0/);
  await pty.ended;
  expect(pty.shown).not.toContain("\x1b[6n");
  expect(pty.shown).toMatch(/(?<!-)icanon.* (?<!-)echo /s);
  const quit = await openPty(osbenchLine("play", folder, "--idle-limit", "0"), `echo "exit=$?"`);
  await quit.shows(/login: /);
  quit.type("q");
  await quit.shows(/exit=0/);
});
