import { access, constants, mkdir, readFile } from "node:fs/promises";
import { cacheFolder } from "../host/cache.ts";
import { which } from "../host/prerequisites.ts";
import { runTool } from "../host/tools.ts";
import type { ToolsPlace } from "../model/context.ts";
import { HarnessError } from "../model/errors.ts";
import type { TargetManifest } from "../model/target.ts";
import { groupRoot } from "./group.ts";
import { someUsers, usersEach } from "./users.ts";

const fileSystems = ["cgroup2", "overlay"];
const programs = ["systemd-nspawn", "socat", "nsenter", "setpriv", "unshare", "blkid"];

type Users = TargetManifest["container"]["users"];

/** What keeps this host from running system containers, each with what would help; empty if nothing does. */
async function containerObstacles(tools: ToolsPlace, users: Users): Promise<string[]> {
  const obstacles: string[] = [];
  if (process.getuid?.() !== 0) obstacles.push("no permission: system containers are started by root only; use sudo");
  const known = await readFile("/proc/filesystems", "utf8");
  for (const name of fileSystems)
    if (!new RegExp(`\\b${name}$`, "m").test(known)) obstacles.push(`this kernel knows no ${name} (try: modprobe ${name})`);
  if (process.getuid?.() === 0) {
    const root = await groupRoot();
    // A host that shows none yet can still be asked to, in a mount namespace of the container's keeper.
    if (root !== undefined && !(await isWritable(root)))
      obstacles.push(`no control group: ${root} is read-only here (a container without --privileged?)`);
  }
  if (tools.kind === "host")
    for (const program of programs)
      if (!which(program))
        obstacles.push(`${program} is missing (Debian packages systemd-container, socat, util-linux), or leave --tools host out`);
  const foreign = obstacles.length === 0 && users === "own" ? await ownershipObstacle(tools, cacheFolder()) : undefined;
  return foreign === undefined ? obstacles : [foreign];
}

/** Why files of this folder, which is made if need be, cannot be shown as those of other users (mount(8), X-mount.idmap); undefined if they can. */
export async function ownershipObstacle(tools: ToolsPlace, folder: string): Promise<string | undefined> {
  await mkdir(folder, { recursive: true });
  const show = ["mount", "--bind", "-o", `X-mount.idmap=b:0:${someUsers()}:${usersEach}`, folder, folder];
  try {
    await runTool(tools, ["unshare", "--mount", "--propagation", "private", ...show], { timeoutMs: 10_000 });
    return undefined;
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    const why = error.evidence["stderr"] ?? error.message;
    return `users: files below ${folder} cannot be shown as those of a container's own users: ${why.trim()} (Linux 5.19 and ext4, xfs, btrfs or tmpfs can; a target of your own with \`container: { users: host }\` does without)`;
  }
}

/** Throws HarnessError `OSB_CONTAINER_HOST` with everything that keeps this host from running system containers. */
export async function requireContainers(tools: ToolsPlace, users: Users): Promise<void> {
  const obstacles = await containerObstacles(tools, users);
  if (obstacles.length === 0) return;
  throw new HarnessError("OSB_CONTAINER_HOST", `this host cannot run system containers: ${obstacles.join("; ")}`, {
    hint: "`osbench doctor` says what each target needs of the host",
  });
}

async function isWritable(path: string): Promise<boolean> {
  return await access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}
