import { execa } from "execa";
import { beforeEach, expect, test } from "vitest";
import { deskMachine, type DeskMachine } from "../machine/attach/testdata/desk-machine.ts";
import { main, openPty, osbenchLine, prepareTerminals } from "./testdata/pty.ts";

prepareTerminals();

let machine: DeskMachine;
beforeEach(async () => void (machine = await deskMachine({ writable: true })));

const osbench = (argv: readonly string[], input = "") => execa(process.execPath, [main, ...argv], { reject: false, input });

/** What a terminal says of itself when it is as it should be. */
const sane = /(?<!-)icanon.* (?<!-)echo /s;

test("lists machines, for people and programs, and refuses names it does not know", async () => {
  const { stdout } = await osbench(["attach"]);
  expect(stdout).toMatch(new RegExp(`^${machine.name} +desk${process.pid} × x86_64 +ready +\\d+ s +boot$`, "m"));
  const listed = JSON.parse((await osbench(["attach", "--json"])).stdout) as { name: string }[];
  expect(listed.map((one) => one.name)).toContain(machine.name);
  const unknown = await osbench(["attach", `${machine.name}x`]);
  expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringContaining(`did you mean "${machine.name}"?`)]);
  const running = await osbench(["attach", machine.name, "--release"]);
  expect([running.exitCode, running.stderr]).toEqual([2, expect.stringContaining(`no test is paused on ${machine.name}`)]);
  expect((await osbench(["attach", "--release"])).exitCode).toBe(2);
});

test("gives the terminal to the console until Ctrl-] q, and gives it back as it was", async () => {
  machine.guest.write("\x1b[31mlogin: ");
  const pty = await openPty(osbenchLine("attach", machine.name), `echo "exit=$?"; stty -a`);
  await pty.shows(/Ctrl-\] q leaves/);
  await pty.shows(/login: /);
  expect(pty.shown).toContain("\x1b[31mlogin: ");
  // Every key at once, Ctrl-C and Ctrl-Z too, and no echo but the guest's own.
  pty.type("root\x03\x1a\x1d\x1d");
  await expect.poll(() => machine.typed).toBe("root\x03\x1a\x1d");
  expect(pty.shown).not.toContain("root");
  await expect.poll(() => machine.commands.join()).toContain("cols 100 rows 30");
  machine.guest.write("\x1b[6n\x1b[?1049h\x1b[?1000hfull screen");
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
  const pty = await openPty(`sh -c 'echo "pid=$$"; exec "$@"' sh ${osbenchLine("attach", machine.name)}`, "echo over; stty -a");
  const [, pid] = await pty.shows(/pid=(\d+)/);
  await pty.shows(/Ctrl-\] q leaves/);
  process.kill(Number(pid), signal);
  await pty.shows(/Interrupted\.[^]*over/);
  await pty.ended;
  expect(pty.shown).toMatch(sane);
});

test("says so when the machine is gone", async () => {
  const pty = await openPty(osbenchLine("attach", machine.name), `echo "exit=$?"; stty -a`);
  await pty.shows(/Ctrl-\] q leaves/);
  machine.end();
  await pty.shows(/is gone\.[^]*exit=0/);
  await pty.ended;
  expect(pty.shown).toMatch(sane);
});

test("a machine a test runs on is only looked at, until the test is paused; leaving lets it go on, stepping out does not", async () => {
  machine = await deskMachine({ writable: false });
  const pty = await openPty(osbenchLine("attach", machine.name), "echo over");
  await pty.shows(/to look at: a test runs on it/);
  await pty.shows(/Ctrl-\] q leaves/);
  pty.type("typed");
  await pty.shows(/Nothing you type reaches the machine: a test runs on it/);
  const paused = machine.point.pause("fail: no", { signal: new AbortController().signal, forMs: undefined });
  await pty.shows(/The test is over: fail: no/);
  pty.type("now");
  await expect.poll(() => machine.typed).toBe("now");
  pty.type("\x1dd");
  await pty.ended;
  expect((await osbench(["attach"])).stdout).toContain("paused: fail: no");
  const second = await openPty(osbenchLine("attach", machine.name));
  await second.shows(/paused: fail: no/);
  await second.shows(/Ctrl-\] q leaves/);
  second.type("\x1dq");
  expect(await paused).toBe("left");
});

test("--release ends a pause; a script in it does not", async () => {
  machine = await deskMachine({ writable: false });
  const paused = machine.point.pause("fail: no", { signal: new AbortController().signal, forMs: undefined });
  const script = await osbench(["shell", machine.name], "true");
  expect([script.exitCode, script.stdout, script.stderr]).toEqual([3, "from the guest", "an error"]);
  expect((await machine.point.facts()).paused).toBe("fail: no");
  expect((await osbench(["attach", machine.name, "--release"])).exitCode).toBe(0);
  expect(await paused).toBe("released");
});

test("without a terminal the console is printed as plain text until the machine is gone", async () => {
  machine.guest.write("\x1b[1mbold\x1b[0m\r\n");
  const printing = osbench(["attach", machine.name]);
  await new Promise((resolve) => printing.stdout?.once("data", resolve));
  machine.end();
  expect((await printing).stdout).toBe("bold");
});

test("a way the machine does not offer is refused", async () => {
  const { exitCode, stderr } = await osbench(["shell", machine.name, "--via", "ssh"], "true");
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/--via: desk\d+ offers no shell by way of ssh\n {2}It offers channel\./)]);
});

test("a shell without a terminal of its own keeps a prompt", async () => {
  const pty = await openPty(osbenchLine("shell", machine.name, "--via", "channel"), `echo "exit=$?"`);
  await pty.shows(new RegExp(`${machine.name}:/# `));
  pty.type("ls\r");
  await pty.shows(/from the guest\r?\nan error\r?\n\(exit code 3\)/);
  pty.type("\x04");
  expect((await pty.shows(/exit=(\d+)/))[1]).toBe("3");
});
