import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { temporaryFolderOfFile } from "../model/testdata/temporary.ts";
import type { GuestShell } from "./guest-shell.ts";
import { timedOut } from "./testdata/timed-out.ts";
import { end, shellNames, standIn, type LineKind, type ShellName, type StandIn } from "./testdata/stand-in.ts";

// Every shell on every kind of line would be twice as much and tell nothing new.
const rigs: readonly { kind: LineKind; name: ShellName }[] = [
  ...shellNames.flatMap((name) => [
    { kind: "two lines" as const, name },
    { kind: "terminal" as const, name },
  ]),
  { kind: "one line", name: "busybox" },
  { kind: "login terminal", name: "bash" },
];
const folder = temporaryFolderOfFile();

describe.each(rigs)("$name on $kind", ({ kind, name }) => {
  let guest: StandIn | undefined;
  let shell: GuestShell;

  // One for all that leave it usable, which is a claim of its own.
  beforeEach(async () => {
    if (!guest?.shell.usable) guest = await standIn(mkdtempSync(join(folder, "guest-")), kind, name);
    shell = guest.shell;
  });

  afterEach(async () => {
    if (guest && !shell.usable) await end(guest);
  });

  afterAll(async () => {
    if (guest) await end(guest);
  });

  test("keeps stdout, stderr and exit code apart", async () => {
    expect(await shell.run("echo out; echo err >&2; exit 7")).toMatchObject({ code: 7, stdout: "out\n", stderr: "err\n" });
    expect(await shell.run("echo plain")).toMatchObject({ code: 0, stdout: "plain\n", stderr: "" });
    expect(await shell.run("test -e /nowhere")).toMatchObject({ code: 1, stdout: "", stderr: "" });
    const broken = await shell.run("test 1 -eq x");
    expect(broken.code).toBeGreaterThan(1);
    expect(broken.stderr).not.toBe("");
  });

  test("one command's directory, variables, functions, settings and exit do not reach the next", async () => {
    await shell.run("cd /; X=1; umask 0; set -eux; trap 'echo trapped' EXIT; exec false");
    expect((await shell.run('echo "${X-unset}"; pwd; false; echo on')).stdout).toMatch(/^unset\n(?!\/\n).*\non\n$/);
  });

  test("multi-line scripts, quotes, every byte in the script, no newline at the end", async () => {
    const script = `for i in 1 2; do\n  printf '%s' "it's $i ^ \\ é \t@ [   1.234567] \${#i}"\ndone`;
    expect((await shell.run(script)).stdout).toBe("it's 1 ^ \\ é \t@ [   1.234567] 1it's 2 ^ \\ é \t@ [   1.234567] 1");
    const long = `${"# a comment that makes the script long\n".repeat(300)}printf '%s' "it's done"`;
    expect((await shell.run(long)).stdout).toBe("it's done");
    expect((await shell.run("cat <<'X'\n a\tb^\\n\n\nX\n")).stdout).toBe(" a\tb^\\n\n\n");
  });

  test.each(["if then fi (", "echo 'open", "echo $(", "}", "cat <<X"])("a broken script is the command's fault: %s", async (script) => {
    await shell.run(script);
    expect((await shell.run("echo still here; pwd >/dev/null")).stdout).toBe("still here\n");
  });

  test("bytes pass unchanged both ways, NUL and a megabyte of them too", async () => {
    const bytes = Buffer.alloc(1 << 20).map((_, index) => (index * 7919) % 251);
    const small = Buffer.from([0, 1, 2, 10, 13, 3, 4, 0x1b, 0x11, 0x13, 0x7f, 0xff, 0, 10]);
    for (const sent of [bytes, small, Buffer.alloc(0), Buffer.from("a\0b"), Buffer.from("\n\n"), Buffer.from("^[x")]) {
      const result = await shell.run("cat; printf 'e\\000\\n\\n' >&2", { stdin: sent });
      expect(Buffer.compare(result.stdoutBytes, sent)).toBe(0);
      expect(Buffer.from(result.stderrBytes)).toEqual(Buffer.from("e\0\n\n"));
    }
  });

  test("input that nobody reads does not reach the next command", async () => {
    await shell.run("true; :", { stdin: "rm -rf /nowhere\n".repeat(10_000) });
    expect((await shell.run("cat; echo next")).stdout).toBe("next\n");
  });

  test("output that looks like the protocol is output", async () => {
    const words = "</0123456789abcdef>0\n@abc 0 2 0 x@abc 0 2 0 x@abc!\n<x dead>1\n[    1.234567] usb: x\nx login: ";
    const result = await shell.run(`cat <<'X'\n${words}\nX\nexit 3`);
    expect(result).toMatchObject({ code: 3, stdout: `${words}\n` });
  });

  test("a command that shows all it can see of the shell does not end itself", async () => {
    const peek =
      "set; set -x; set -v; alias; trap; export -p; cat /proc/$$/cmdline /proc/$$/environ 2>/dev/null; osb_m x 9; osb_a x; echo end; exit 5";
    const result = await shell.run(peek);
    expect(result.code).toBe(5);
    expect(result.stdout).toMatch(/end\n$/);
    expect((await shell.run("echo; echo next")).stdout).toBe("\nnext\n");
  });

  test.each([
    ["exit 4", 4],
    ["exec sh -c 'exit 6'", 6],
    ["kill $$; sleep 20", 143],
    ["kill -KILL $$; sleep 20", 137],
    ["sh -c 'kill -TERM $PPID'; :", 143],
    ["trap '' TERM INT; kill 0; echo on; exit 8", undefined],
  ])("ends with its own code and leaves a usable shell: %s", async (command, code) => {
    const result = await shell.run(command);
    if (code !== undefined) expect(result.code).toBe(code);
    expect(await shell.run("echo usable; (exit 2)")).toMatchObject({ stdout: "usable\n", code: 2 });
  });

  test("a command that never ends is killed with all it started, and the shell can be used again", async () => {
    // A number of its own tells its processes from those of any other test on this host.
    const own = 10_000 + Math.floor(Math.random() * 80_000);
    const stubborn = `trap '' INT TERM HUP; echo begun; echo bad >&2; sleep ${own}1 & (trap '' TERM; sleep ${own}2; :) & sleep ${own}3`;
    expect(await timedOut(shell, stubborn)).toMatchObject({
      code: "OSB_TIMEOUT",
      fault: "harness",
      evidence: {
        "stdout so far": "begun\n",
        "stderr so far": "bad\n",
        "killed in the guest": expect.stringMatching(/sleep\(\d+\)/),
      },
    });
    const left = await shell.run(
      `for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$f; echo; done 2>/dev/null | grep '^sleep ${own}[123]'; :`,
    );
    expect(left.stdout).toBe("");
    expect((await shell.run("echo next")).stdout).toBe("next\n");
  });

  test("a caller's abort ends the command as well", async () => {
    const reason = new Error("the test is over");
    await expect(shell.run("echo x; sleep 1000", { signal: AbortSignal.any([abortAfter(200, reason)]) })).rejects.toBe(reason);
    expect((await shell.run("echo next; :")).stdout).toBe("next\n");
  });

  test("ends at once when the guest goes away", async () => {
    const waiting = shell.run("sleep 60");
    process.kill(-(guest?.process.pid as number), "SIGKILL");
    await expect(waiting).rejects.toMatchObject({ code: "OSB_SHELL_LOST" });
    await expect(shell.run("echo")).rejects.toMatchObject({ code: "OSB_SHELL_LOST" });
  });
});

function abortAfter(ms: number, reason: Error): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), ms);
  return controller.signal;
}

// On a terminal a command has a group of processes of its own.
test.each(rigs.filter(({ kind }) => kind !== "terminal"))(
  "a hang-up ends $name on $kind, so that no system waits for it when it shuts down",
  async ({ kind, name }) => {
    const guest = await standIn(mkdtempSync(join(folder, "guest-")), kind, name);
    await expect(guest.shell.run("kill -HUP 0; sleep 1000")).rejects.toMatchObject({ code: "OSB_SHELL_LOST" });
    expect(guest.shell.usable).toBe(false);
    await end(guest);
  },
);

test.each(shellNames)("%s below a login: what was left to init is killed as well, the login is not", async (name) => {
  const guest = await standIn(mkdtempSync(join(folder, "guest-")), "terminal below a login", name);
  try {
    const own = 10_000 + Math.floor(Math.random() * 80_000);
    const stubborn = `(sleep ${own}1 &); echo begun; sleep ${own}2; :`;
    expect(await timedOut(guest.shell, stubborn)).toMatchObject({ code: "OSB_TIMEOUT" });
    const left = `for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$f; echo; done 2>/dev/null | grep '^sleep ${own}[12]'; :`;
    expect(await guest.shell.run(left)).toMatchObject({ code: 0, stdout: "" });
  } finally {
    await end(guest);
  }
});
