import { readFile } from "node:fs/promises";
import { which } from "../host/prerequisites.ts";
import type { ToolsPlace } from "../model/context.ts";
import { HarnessError } from "../model/errors.ts";
import { groupRoot } from "./group.ts";
import { access, constants } from "node:fs/promises";

const fileSystems = ["cgroup2", "overlay"];
const programs = ["systemd-nspawn", "socat", "nsenter", "setpriv", "unshare", "blkid"];

/** What keeps this host from running system containers, each with what would help; empty if nothing does. Starts nothing. */
export async function containerObstacles(tools: ToolsPlace): Promise<string[]> {
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
  return obstacles;
}

/** Throws HarnessError `OSB_CONTAINER_HOST` with everything that keeps this host from running system containers. */
export async function requireContainers(tools: ToolsPlace): Promise<void> {
  const obstacles = await containerObstacles(tools);
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
