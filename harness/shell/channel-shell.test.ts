import { spawn, type ChildProcess } from "node:child_process";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { ChannelShell } from "./channel-shell.ts";

// A real sh of this host behind two real sockets stands where a guest's would.
const bridge = `
import { connect } from "node:net"; import { spawn } from "node:child_process";
const [out, err, sh] = process.argv.slice(1);
const line = connect(out), errors = connect(err);
const child = spawn(sh, [], { stdio: "pipe" });
line.pipe(child.stdin); child.stdout.pipe(line, { end: false }); child.stderr.pipe(errors, { end: false });
child.on("exit", () => process.exit());`;

let folder: string;
let servers: Server[];
let guest: ChildProcess;
let shell: ChannelShell;

beforeEach(async () => {
  folder = temporaryFolder();
  servers = [createServer(), createServer()];
  const paths = [join(folder, "out"), join(folder, "err")];
  const sockets = servers.map((server, index) => {
    server.listen(paths[index]);
    return new Promise<Socket>((resolve) => server.once("connection", resolve));
  });
  guest = spawn(process.execPath, ["--input-type=module", "-e", bridge, ...paths, "/bin/sh"], { stdio: "inherit" });
  const [out, err] = (await Promise.all(sockets)) as [Socket, Socket];
  shell = await ChannelShell.open(out, err, AbortSignal.timeout(5000));
});

afterEach(async () => {
  await shell[Symbol.asyncDispose]();
  guest.kill("SIGKILL");
  for (const server of servers) server.close();
});

describe("ChannelShell", () => {
  test("keeps stdout, stderr and exit code apart", async () => {
    const result = await shell.run("echo out; echo err >&2; exit 7");
    expect(result).toMatchObject({ code: 7, stdout: "out\n", stderr: "err\n" });
  });

  test("one command's directory, variables and exit do not reach the next", async () => {
    await shell.run("cd /; X=1; set -eu; exec false");
    expect((await shell.run("echo ${X-unset}; pwd")).stdout).not.toContain("1");
  });

  test("multi-line scripts, quotes, no newline at the end", async () => {
    const script = `for i in 1 2; do\n  printf '%s' "it's $i"\ndone`;
    expect((await shell.run(script)).stdout).toBe("it's 1it's 2");
  });

  test("a syntax error is the command's, not the shell's", async () => {
    const broken = await shell.run("if then fi (");
    expect(broken.code).not.toBe(0);
    expect((await shell.run("echo still here")).stdout).toBe("still here\n");
  });

  test("bytes pass unchanged both ways, also a megabyte of them", async () => {
    const bytes = Buffer.alloc(1 << 20, 0).map((_, index) => (index * 7919) % 256);
    const echoed = await shell.run("cat", { stdin: bytes });
    expect(Buffer.compare(echoed.stdoutBytes, bytes)).toBe(0);
  });

  test("output that looks like a marker is output", async () => {
    const result = await shell.run("echo '</0123456789abcdef0123456789abcdef>0'; cat /dev/null; exit 3");
    expect(result).toMatchObject({ code: 3, stdout: "</0123456789abcdef0123456789abcdef>0\n" });
  });

  test("a command that never ends is named, with what it said, and the shell refuses to go on", async () => {
    const error = await shell.run("echo begun; sleep 60", { timeoutMs: 200 }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "OSB_TIMEOUT", fault: "harness", evidence: { "stdout so far": "begun\n" } });
    await expect(shell.run("echo next")).rejects.toThrow(/cannot be used any more/);
  });

  test("ends at once when the guest goes away", async () => {
    const waiting = shell.run("sleep 60");
    guest.kill("SIGKILL");
    await expect(waiting).rejects.toMatchObject({ code: "OSB_SHELL_LOST" });
  });
});
