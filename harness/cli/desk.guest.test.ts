import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeEach, expect, test, vi } from "vitest";
import { sampleFile } from "../image/testdata/samples.ts";
import { record } from "../model/record.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { cleanEnvironment, main, openPty, osbenchLine } from "./testdata/pty.ts";

// What a person does at a desk, with a real machine; each test boots one.
vi.setConfig({ testTimeout: 6 * 60_000 });
const minutes = 60_000;

let folder: string;
beforeEach(() => void (folder = temporaryFolder()));

/** Where this host is not taken by the very run this test is in: abstract sockets belong to a network namespace (unix(7)). SSH needs its loopback. */
const ownNetwork = ["unshare", ...(process.getuid?.() === 0 ? [] : ["--map-current-user", "--keep-caps"]), "--net", "--"];
const loopback = ["sh", "-c", 'ip link set lo up; exec "$@"', "sh"];
const line = (...words: string[]) => `${ownNetwork.join(" ")} sh -c '${loopback[2]}' sh ${osbenchLine(...words)}`;

function start(...argv: string[]) {
  const [file = "", ...rest] = [...ownNetwork, ...loopback, process.execPath, main, ...argv];
  const child = spawn(file, rest, { stdio: ["pipe", "pipe", "pipe"], env: cleanEnvironment() });
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { child, ended, stdout: text(child.stdout), stderr: text(child.stderr) };
}

const failing = "suite: fails\ntitle: t\ntests:\n  - test: does not hold\n    steps:\n      - run: test -e /made-by-a-person\n";

/** Workspaces of machines that process has left behind. */
const leftBy = (pid: number | undefined) => readdirSync(tmpdir()).filter((name) => new RegExp(`^osb-[a-z]+-${pid}-`).test(name));

test("boot --until ends there, says the phases to people and programs, keeps the recording when asked, and leaves nothing else", async () => {
  const out = join(folder, "kept");
  const boot = start("boot", "tiny", "--until", "ready", "--json", "--out", out);
  expect([await boot.ended, await boot.stderr]).toEqual([0, expect.stringContaining("ready after")]);
  const said = JSON.parse(await boot.stdout) as { phase: string; boots: { durations: Record<string, number>; totalMs: number }[] };
  expect(said).toMatchObject({ image: "tiny", target: "x86_64", phase: "ready", boots: [{ number: 1 }] });
  // A login prompt proves userspace, and may come after the shell that proves more.
  const passed = ["firmware", "loader", "kernel", "initrd"];
  expect(Object.keys(said.boots[0]!.durations).slice(0, 4)).toEqual(passed);
  expect(await boot.stderr).toMatch(new RegExp(`${passed.map((phase) => ` {2}${phase} +[\\d.]+ m?s.*\n`).join("")}[^]*ready after`));
  const list = start("play", out, "--list");
  expect(await list.stdout).toMatch(new RegExp(`${passed.map((phase) => `boot 1: ${phase}\n.*`).join("")}[^]*boot 1: ready\n`));
  expect(leftBy(boot.child.pid)).toEqual([]);
});

test("boot and shell know the signatures in a file of one's own", async () => {
  const signatures = join(folder, "mine.yaml");
  const entry =
    "  - { id: mine, phase: [kernel, initrd], fault: image, ends: true, pattern: 'Linux version \\d', means: a kernel of mine }";
  writeFileSync(signatures, `signatures:\n${entry}\n`);
  for (const argv of [
    ["boot", "tiny", "--json"],
    ["shell", "tiny", "-c", "true"],
  ]) {
    const boot = start(...argv, "--signatures", signatures);
    expect(await boot.ended).toBe(1);
    expect(await boot.stderr).toMatch(/a kernel of mine/);
    expect(await boot.stderr).toMatch(/\bmine\b/);
  }
});

test("boot ends with the diagnosis and exit code 1 if the image does not come up", async () => {
  const boot = start("boot", sampleFile("disk-x86_64.raw"), "--json");
  expect(await boot.ended).toBe(1);
  const { failure } = JSON.parse(await boot.stdout) as { failure: { code: string; evidence: Record<string, string> } };
  expect(failure.evidence["last screen"]).toMatch(/Bad kernel image/);
  expect(await boot.stderr).toMatch(/error: .*loader-bad-kernel[^]*signs on the console:[^]*Bad kernel image/);
  expect(leftBy(boot.child.pid)).toEqual([]);
});

test("boot stays, can be attached to and asked by others, and ends at Ctrl-C with nothing left", async () => {
  const pty = await openPty(`sh -c 'echo "pid=$$"; exec "$@"' sh ${line("boot", "tiny", "--no-live")}`, `echo "exit=$?"; stty -a`);
  const pid = Number((await pty.shows(/pid=(\d+)/))[1]);
  const [, name = ""] = await pty.shows(/console +osbench attach (tiny-[0-9a-f]{4})/, 5 * minutes);
  const [, key = ""] = await pty.shows(/ssh +ssh -i (\S+)/);
  expect(statSync(key).mode & 0o077).toBe(0);
  await pty.shows(/q or Ctrl-C ends it/);

  const script = start("shell", name);
  script.child.stdin.end("cd /proc; head -c 6 version\n(exit 5)\n");
  expect([await script.ended, await script.stdout]).toEqual([5, "Linux "]);

  const first = await openPty(osbenchLine("attach", name), `echo "exit=$?"`);
  await first.shows(/login: /);
  const second = await openPty(osbenchLine("attach", name));
  await second.shows(/login: /);
  first.type("root\r");
  await first.shows(/Password: /);
  first.type("osbench\r");
  await first.shows(/root@osbench.*# /, minutes);
  first.type("echo $((6*7))-typed; stty size\r");
  await first.shows(/42-typed\s+30 100/);
  await second.shows(/42-typed/);
  first.type("\x1dq");
  await first.shows(/exit=0/);

  pty.type("\x03");
  await pty.shows(/exit=0/, minutes);
  await pty.ended;
  expect(pty.shown).toMatch(/(?<!-)icanon.* (?<!-)echo /s);
  await second.shows(/is gone/);
  expect(leftBy(pid)).toEqual([]);
});

test("shell runs what is piped into it on a machine of its own", async () => {
  const shell = start("shell", "tiny");
  shell.child.stdin.end("uname\necho to-stderr >&2\nfalse\n");
  expect([await shell.ended, await shell.stdout, await shell.stderr]).toEqual([1, "Linux\n", "to-stderr\n"]);
  expect(leftBy(shell.child.pid)).toEqual([]);
});

test("shell at a terminal is the serial console, from the firmware on, and ends with Ctrl-] q or the machine", async () => {
  const pty = await openPty(line("shell", "tiny"), `echo "exit=$?"; stty -a`);
  await pty.shows(/Ctrl-\] q leaves/, minutes);
  await pty.shows(/BdsDxe: [^]*login: /, 5 * minutes);
  pty.type("root\r");
  await pty.shows(/Password: /);
  pty.type("osbench\r");
  await pty.shows(/# /, minutes);
  pty.type("poweroff\r");
  await pty.shows(/The machine is off\.[^]*exit=0/, minutes);
  await pty.ended;
  expect(pty.shown).toMatch(/(?<!-)icanon.* (?<!-)echo /s);
});

test("a run pauses at a failure, says how to get in, records it first, and goes on when told", async () => {
  const suite = join(folder, "fails.suite.yaml");
  writeFileSync(suite, failing);
  const out = join(folder, "run");
  const records = join(out, "records.jsonl");
  const run = await openPty(line("run", suite, "--image", "tiny", "--out", out, "--pause-on-failure", "--no-live"), `echo "exit=$?"`);
  const [, name = ""] = await run.shows(
    /paused: the machine of the test that failed is yours[^]*console +osbench attach (tiny-[0-9a-f]{4})/,
    5 * minutes,
  );
  await run.shows(/at Enter here/);
  await expect.poll(() => existsSync(records) && readFileSync(records, "utf8").endsWith("\n")).toBe(true);
  const before = readFileSync(records, "utf8");

  const made = start("shell", name);
  made.child.stdin.end("touch /made-by-a-person; echo made >/dev/console\n");
  expect([await made.ended, await made.stderr]).toEqual([0, ""]);
  expect(await start("attach", name, "--release").ended).toBe(0);
  await run.shows(/goes on after the pause[^]*exit=1/, minutes);
  expect(readFileSync(records, "utf8")).toBe(before);
  const { outcome, durationMs, evidence } = record.parse(JSON.parse(before));
  expect(outcome).toBe("fail");
  expect(durationMs).toBeGreaterThan(0);
  const cast = evidence.find((one) => one.name === "console.cast");
  expect(readFileSync(join(out, cast!.path), "utf8")).not.toContain("made");
});

test("an interrupted pause ends the run in order, and the failure stands", async () => {
  const suite = join(folder, "fails.suite.yaml");
  writeFileSync(suite, failing);
  const out = join(folder, "run");
  const run = await openPty(
    "trap : INT",
    line("run", suite, "--image", "tiny", "--out", out, "--pause-on-failure", "--no-live"),
    `echo "exit=$?"`,
  );
  await run.shows(/at Enter here/, 5 * minutes);
  run.type("\x03");
  await run.shows(/exit=130/, 2 * minutes);
  const lines = readFileSync(join(out, "records.jsonl"), "utf8").trim().split("\n");
  expect(lines.map((one) => record.parse(JSON.parse(one)).outcome)).toEqual(["fail"]);
});
