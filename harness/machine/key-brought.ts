import { keyMark } from "../image/seeds.ts";
import type { KeyWay } from "../model/image.ts";
import type { Shell } from "../model/shell.ts";

/**
 * Which of the ways a key was offered by have brought it into the guest: each leaves a comment of its own behind it. `given` where none did, which then is a
 * key the image had already.
 */
export async function keyBroughtBy(shell: Shell, ways: readonly KeyWay[], signal: AbortSignal): Promise<string[]> {
  // cloud-init, Ignition and systemd write to different files of this folder.
  const { stdout } = await shell.run("cat ~/.ssh/authorized_keys ~/.ssh/authorized_keys.d/* 2>/dev/null", { signal });
  const marked = ways.filter((way) => way !== "credential" && stdout.includes(keyMark(way)));
  if (marked.length > 0) return marked;
  return ways.includes("credential") ? ["credential"] : ["given"];
}
