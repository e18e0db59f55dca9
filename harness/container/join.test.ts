import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

/** Starts what stays, and waits for its first line. */
async function leader(file: string, ...argv: readonly string[]): Promise<number> {
  const child = spawn(file, argv, { stdio: ["ignore", "pipe", "inherit"] });
  started.push(child);
  await once(child.stdout, "data");
  return child.pid as number;
}

const joined = (pid: number) =>
  execa("sh", [join(import.meta.dirname, "join.sh"), String(pid), "-all,+sys_admin,+sys_chroot,+sys_ptrace", "true"], {
    reject: false,
    stdin: "ignore",
    timeout: 100_000,
  });

describe.runIf(process.getuid?.() === 0)("a command in a container", () => {
  test("that never gets namespaces of its own ends, and says so", async () => {
    const { exitCode, stderr } = await joined(await leader("sh", "-c", "echo up; exec sleep 1000"));
    expect([exitCode, stderr]).toEqual([126, expect.stringContaining("it has no namespaces of its own")]);
  });

  test("that has no shell ends with another code: that is the image's fault", async () => {
    const script = 'mount --bind "$1" "$1"; echo up; exec sleep 1000';
    const own = ["--mount", "--uts", "--ipc", "--net", "--cgroup", "--pid", "--fork", "--kill-child"];
    const hidden = "mount --bind /dev/null /bin/sh; " + script;
    const pid = await leader("unshare", ...own, "sh", "-c", hidden, "sh", temporaryFolder());
    const inner = Number(await readFile(`/proc/${pid}/task/${pid}/children`, "utf8"));
    const { exitCode, stderr } = await joined(inner);
    expect([exitCode, stderr]).toEqual([127, expect.stringContaining("failed to execute /bin/sh")]);
  });
});
