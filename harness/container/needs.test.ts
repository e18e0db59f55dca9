import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { ownFolder } from "../host/place.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { openTools } from "../host/toolbox.ts";
import { cacheFolder } from "../host/cache.ts";
import { groupRoot } from "./group.ts";
import { ownershipObstacle } from "./needs.ts";

/** What `osbench shell` says of a root tree in a container, started behind these words. */
async function said(...before: readonly string[]): Promise<string> {
  const folder = temporaryFolder();
  await mkdir(join(folder, "usr/sbin"), { recursive: true });
  await writeFile(join(folder, "usr/sbin/init"), "#!/bin/sh\n", { mode: 0o755 });
  const osbench = [process.execPath, join(ownFolder, "harness/cli/main.ts"), "shell", folder, "--target", "container", "--command", "true"];
  const [file = "", ...argv] = [...before, ...osbench];
  const { stderr } = await execa(file, argv, { reject: false, stdin: "ignore", timeout: 100_000 });
  return stderr;
}

test("who is not root is told so", async () => {
  // In a user namespace of its own a process is nobody.
  expect(await said("unshare", "--user")).toContain("no permission: system containers are started by root only; use sudo");
});

test.runIf(process.getuid?.() === 0)("a host without control groups for us is told so", async () => {
  const group = join((await groupRoot()) as string, `osbench-test-${process.pid}`);
  await mkdir(group);
  try {
    await writeFile(join(group, "cgroup.max.descendants"), "0");
    const enter = `echo 0 >${group}/cgroup.procs; exec unshare --cgroup --mount -- sh -c 'mount -t cgroup2 none "$1"; shift; exec "$@"' sh ${await groupRoot()} "$@"`;
    expect(await said("sh", "-c", enter, "sh")).toContain("making a control group: mkdir: cannot create directory");
  } finally {
    await rm(group, { recursive: true, force: true }).catch(() => {});
    await execa("rmdir", [group], { reject: false });
  }
});

test.runIf(process.getuid?.() === 0)("a file system that cannot show files as other users' is named beforehand", async () => {
  const tools = await openTools("toolbox");
  expect(await ownershipObstacle(tools, cacheFolder())).toBeUndefined();
  expect(await ownershipObstacle(tools, "/proc/self")).toMatch(/files below \/proc\/self cannot be shown .*users: host/s);
});
