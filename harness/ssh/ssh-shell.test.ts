import { spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
// The toolbox's server and another room's helper: what this room may not know is what its tests stand on.
// oxlint-disable-next-line typescript/no-restricted-imports
import { openTools } from "../host/toolbox.ts";
// oxlint-disable-next-line typescript/no-restricted-imports
import { toolTreeCommand } from "../host/tools.ts";
// oxlint-disable-next-line typescript/no-restricted-imports
import { timedOut } from "../shell/testdata/timed-out.ts";
import { temporaryFolderOfFile } from "../model/testdata/temporary.ts";
import { makeKeyPair, SshShell } from "./ssh-shell.ts";

const folder = temporaryFolderOfFile();

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// A home folder, and processes, of its own: whatever a command starts or kills, this host does not see it.
const serve = `mount -t tmpfs -o mode=700 tmpfs /root && mkdir -m 700 /root/.ssh && cp "$1/public" /root/.ssh/authorized_keys
dropbearkey -t ed25519 -f "$1/host-key" >/dev/null 2>&1
exec dropbear -F -s -p 127.0.0.1:$2 -r "$1/host-key"`;

// Only root may change to another user, and mount where that one lives.
describe.runIf(process.getuid?.() === 0)("over dropbear", () => {
  let server: ChildProcess;
  let shell: SshShell;

  beforeAll(async () => {
    const { privateKey, publicKey } = makeKeyPair("test");
    writeFileSync(join(folder, "public"), `${publicKey}\n`, { mode: 0o600 });
    const port = await freePort();
    const [file, ...argv] = toolTreeCommand(await openTools("toolbox"), ["sh", "-c", serve, "sh", folder, String(port)]) as [
      string,
      ...string[],
    ];
    server = spawn(file, argv, { stdio: ["ignore", "ignore", "inherit"] });
    shell = await SshShell.open({ host: "127.0.0.1", port, user: "root", privateKey }, AbortSignal.timeout(60_000));
  });

  afterAll(async () => {
    await shell?.[Symbol.asyncDispose]();
    server.kill("SIGKILL");
  });

  test("keeps stdout, stderr and exit code apart, and input and bytes as they are", async () => {
    expect(await shell.run("echo out; echo err >&2; exit 7")).toMatchObject({ code: 7, stdout: "out\n", stderr: "err\n" });
    expect(await shell.run("true")).toMatchObject({ code: 0, stdout: "", stderr: "" });
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 31) % 256));
    expect(Buffer.compare((await shell.run("cat", { stdin: bytes })).stdoutBytes, bytes)).toBe(0);
    expect((await shell.run("printf '>\\n<x 1>\\n'")).stdout).toBe(">\n<x 1>\n");
    expect((await shell.run("if then fi (")).code).toBeGreaterThan(0);
    expect((await shell.run("kill -KILL $$")).code).toBe(128);
  });

  test("any number of commands one after the other leave nothing behind on the connection", async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error) => void warnings.push(warning);
    process.on("warning", warned);
    for (let index = 0; index < 15; index++) expect((await shell.run(`echo ${index}`)).stdout).toBe(`${index}\n`);
    process.off("warning", warned);
    expect(warnings).toEqual([]);
  });

  test("a command that never ends is killed with all it started, and the shell can be used again", async () => {
    const stubborn =
      "trap '' INT TERM HUP; echo begun; echo bad >&2; sleep 50001 & (sleep 50002 &) ; (trap '' TERM; while :; do sleep 0.1; done) & sleep 50003; :";
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
      "for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$f; echo; done 2>/dev/null | grep -E '^sleep (5000[123]|0.1)'; :",
    );
    expect(left.stdout).toBe("");
  });

  test("a caller's abort ends the command as well, and no other", async () => {
    const reason = new Error("the test is over");
    const other = shell.run("sleep 3; echo whole");
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 300);
    await expect(shell.run("echo x; sleep 50004", { signal: controller.signal })).rejects.toBe(reason);
    expect((await shell.run("pgrep -f '^sleep 50004'; :")).stdout).toBe("");
    expect((await other).stdout).toBe("whole\n");
  });

  test("ends at once when the server goes away", async () => {
    const waiting = shell.run("sleep 60");
    setTimeout(() => server.kill("SIGKILL"), 300);
    await expect(waiting).rejects.toMatchObject({ code: "OSB_SHELL_LOST" });
    expect(shell.usable).toBe(false);
  });
});
