import { EventEmitter } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { duplexPair, type Duplex } from "node:stream";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AttachPoint } from "../machine/attach/point.ts";
import type { Machine } from "../machine/machine.ts";
import type { Hardware } from "../model/hardware.ts";
import { main, openPty, osbenchLine } from "./testdata/pty.ts";

// Each starts osbench, some of them several times.
vi.setConfig({ testTimeout: 60_000 });

// A machine's socket with nobody but this test behind it: what a person meets at a terminal is all that counts here.
let folder: string;
let guest: Duplex;
let said: string;
let point: AttachPoint;
let name: string;
let life: AbortController;
let sizes: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), `osb-vm-${process.pid}-`));
  life = new AbortController();
  sizes = [];
  said = "";
  await openMachineWith({ writable: true });
});
afterEach(() => {
  life.abort();
  rmSync(folder, { recursive: true, force: true });
});

async function openMachineWith({ writable }: { writable: boolean }): Promise<void> {
  life.abort();
  life = new AbortController();
  const [host, other] = duplexPair();
  guest = other;
  guest.setEncoding("latin1").on("data", (text: string) => (said += text));
  const hardware = {
    workspace: folder,
    events: new EventEmitter(),
    onSerial: (attach: (line: Duplex) => void) => attach(host),
    sshAddress: async () => undefined,
  } as unknown as Hardware;
  rmSync(join(folder, "attach"), { force: true });
  point = await AttachPoint.open({ hardware, cell: "boot", access: { shell: "builtin" }, privateKey: "", writable });
  point.serve({
    image: { name: `desk${process.pid}`, manifest: { access: { shell: "builtin" } } },
    target: { target: "x86_64" },
    phase: "ready",
    signal: life.signal,
    shell: async () => ({
      run: async (command: string) => {
        sizes.push(...(/cols \d+ rows \d+/.exec(command) ?? []));
        return { code: 3, stdoutBytes: Buffer.from("from the guest\n"), stderr: "an error\n" };
      },
    }),
  } as unknown as Machine);
  ({ name } = await point.facts());
}

const osbench = (argv: readonly string[], input = "") => execa(process.execPath, [main, ...argv], { reject: false, input });

/** What a terminal says of itself when it is as it should be. */
const sane = /(?<!-)icanon.* (?<!-)echo /s;

test("lists machines, for people and programs, and refuses names it does not know", async () => {
  const { stdout } = await osbench(["attach"]);
  expect(stdout).toMatch(new RegExp(`^${name} +desk${process.pid} × x86_64 +ready +\\d+ s +boot$`, "m"));
  const listed = JSON.parse((await osbench(["attach", "--json"])).stdout) as { name: string }[];
  expect(listed.map((one) => one.name)).toContain(name);
  const unknown = await osbench(["attach", `${name}x`]);
  expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringContaining(`did you mean "${name}"?`)]);
  const running = await osbench(["attach", name, "--release"]);
  expect([running.exitCode, running.stderr]).toEqual([2, expect.stringContaining(`no test is paused on ${name}`)]);
  expect((await osbench(["attach", "--release"])).exitCode).toBe(2);
});

test("gives the terminal to the console until Ctrl-] q, and gives it back as it was", async () => {
  guest.write("\x1b[31mlogin: ");
  const pty = await openPty(osbenchLine("attach", name), `echo "exit=$?"; stty -a`);
  await pty.shows(/Ctrl-\] q leaves/);
  await pty.shows(/login: /);
  expect(pty.shown).toContain("\x1b[31mlogin: ");
  // Every key at once, Ctrl-C and Ctrl-Z too, and no echo but the guest's own.
  pty.type("root\x03\x1a\x1d\x1d");
  await expect.poll(() => said).toBe("root\x03\x1a\x1d");
  expect(pty.shown).not.toContain("root");
  await expect.poll(() => sizes).toEqual(["cols 100 rows 30"]);
  guest.write("\x1b[6n\x1b[?1049h\x1b[?1000hfull screen");
  await pty.shows(/full screen/);
  expect(pty.shown).not.toContain("\x1b[6n");
  pty.type("\x1dx");
  await pty.shows(/Ctrl-\] q leaves/);
  pty.type("\x1dq");
  const [after] = await pty.shows(/[^]*exit=0[^]*speed[^]*/);
  await pty.ended;
  expect(after).toContain("\x1b[?1049l");
  expect(after).toContain("\x1b[?1000l");
  expect(pty.shown).toMatch(sane);
});

test.each(["SIGTERM", "SIGHUP"] as const)("at %s it gives the terminal back, too", async (signal) => {
  const pty = await openPty(`sh -c 'echo "pid=$$"; exec "$@"' sh ${osbenchLine("attach", name)}`, "echo over; stty -a");
  const [, pid] = await pty.shows(/pid=(\d+)/);
  await pty.shows(/Ctrl-\] q leaves/);
  process.kill(Number(pid), signal);
  await pty.shows(/Interrupted\.[^]*over/);
  await pty.ended;
  expect(pty.shown).toMatch(sane);
});

test("says so when the machine is gone", async () => {
  const pty = await openPty(osbenchLine("attach", name), `echo "exit=$?"; stty -a`);
  await pty.shows(/Ctrl-\] q leaves/);
  life.abort();
  await pty.shows(/is gone\.[^]*exit=0/);
  await pty.ended;
  expect(pty.shown).toMatch(sane);
});

test("a machine a test runs on is only looked at, until the test is paused; leaving lets it go on, stepping out does not", async () => {
  await openMachineWith({ writable: false });
  const pty = await openPty(osbenchLine("attach", name), "echo over");
  await pty.shows(/to look at: a test runs on it/);
  await pty.shows(/Ctrl-\] q leaves/);
  pty.type("typed");
  await pty.shows(/Nothing you type reaches the machine: a test runs on it/);
  const paused = point.pause("fail: no", { signal: life.signal, forMs: undefined });
  await pty.shows(/The test is over: fail: no/);
  pty.type("now");
  await expect.poll(() => said).toBe("now");
  pty.type("\x1dd");
  await pty.ended;
  expect((await osbench(["attach"])).stdout).toContain("paused: fail: no");
  const second = await openPty(osbenchLine("attach", name));
  await second.shows(/paused: fail: no/);
  await second.shows(/Ctrl-\] q leaves/);
  second.type("\x1dq");
  expect(await paused).toBe("left");
});

test("--release ends a pause; a script in it does not", async () => {
  await openMachineWith({ writable: false });
  const paused = point.pause("fail: no", { signal: life.signal, forMs: undefined });
  const script = await osbench(["shell", name], "true");
  expect([script.exitCode, script.stdout, script.stderr]).toEqual([3, "from the guest", "an error"]);
  expect((await point.facts()).paused).toBe("fail: no");
  expect((await osbench(["attach", name, "--release"])).exitCode).toBe(0);
  expect(await paused).toBe("released");
});

test("without a terminal the console is printed as plain text until the machine is gone", async () => {
  guest.write("\x1b[1mbold\x1b[0m\r\n");
  const printing = osbench(["attach", name]);
  await new Promise((resolve) => printing.stdout?.once("data", resolve));
  life.abort();
  expect((await printing).stdout).toBe("bold");
});

test("a shell without a terminal of its own keeps a prompt", async () => {
  const pty = await openPty(osbenchLine("shell", name, "--via", "channel"), `echo "exit=$?"`);
  await pty.shows(new RegExp(`${name}:/# `));
  pty.type("ls\r");
  await pty.shows(/from the guest\r?\nan error\r?\n\(exit code 3\)/);
  pty.type("\x04");
  expect((await pty.shows(/exit=(\d+)/))[1]).toBe("3");
});
