import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { uncovered } from "./place.ts";

/** The script that puts a tool among its files. */
export const enter = fileURLToPath(new URL("enter.sh", import.meta.url));

/** How long making it may take, in milliseconds; a host that needs longer enters its tools one by one. */
const patienceMs = 10_000;

/** Namespaces of this process by what lies in them; `undefined` until it is there, or if it cannot be. */
const entrances = new Map<string, { way: readonly string[] | undefined; readonly made: Promise<void> }>();

/**
 * The start of an argv that runs a tool among the files of the toolbox at `root`, in a mount namespace this process has made once and all its tools
 * share: laying the files over the host's anew for each would take ten processes. Undefined until that namespace is there, which this begins, and
 * where it cannot be had. What the host mounts later is seen in it too, where the host shares its mounts.
 */
export function entranceTo(root: string): readonly string[] | undefined {
  return entrance(root).way;
}

/** Resolves when `entranceTo` has its final answer. */
export async function entranceMade(root: string): Promise<void> {
  await entrance(root).made;
}

function entrance(root: string): { readonly way: readonly string[] | undefined; readonly made: Promise<void> } {
  const key = [root, ...uncovered()].join("\0");
  const known = entrances.get(key);
  if (known) return known;
  const made = make(root).then(
    (way) => void (fresh.way = way),
    // Each tool still can lay them for itself, and says what this host forbids.
    () => undefined,
  );
  const fresh: { way: readonly string[] | undefined; readonly made: Promise<void> } = { way: undefined, made };
  entrances.set(key, fresh);
  return fresh;
}

/** A namespace lives as long as somebody has it open (namespaces(7)): this process does, by a descriptor no child inherits. */
async function make(root: string): Promise<readonly string[] | undefined> {
  const asUser = process.getuid?.() !== 0;
  const user = asUser ? ["--user", "--map-current-user", "--keep-caps"] : [];
  const child = spawn("unshare", [...user, "--mount", "--propagation", "slave", "--", "sh", enter, "lay", root, ...uncovered()], {
    stdio: ["pipe", "pipe", "ignore"],
    timeout: patienceMs,
    killSignal: "SIGKILL",
  });
  child.stdin.on("error", () => {});
  const ended = once(child, "exit");
  ended.catch(() => {});
  const laid = await Promise.race([once(child.stdout, "data").then(() => true), ended.then(() => false)]);
  try {
    if (!laid) return undefined;
    const opened = (kind: string) => `/proc/${process.pid}/fd/${openSync(`/proc/${child.pid}/ns/${kind}`, "r")}`;
    const mounts = `--mount=${opened("mnt")}`;
    return ["sh", enter, "join", asUser ? `--user=${opened("user")} --preserve-credentials ${mounts}` : mounts, String(process.pid)];
  } finally {
    child.stdin.end();
    await ended.catch(() => {});
  }
}
