import { lstat, readlink } from "node:fs/promises";
import { join } from "node:path";

/** A chain of links longer than this is a circle. Source: path_resolution(7). */
const mostLinks = 40;

/**
 * Where a path of a root tree lies on the host, links followed as if the tree's root were the root of all: whatever an image's links say, nothing
 * outside its tree is reached. Undefined where nothing is there.
 */
export async function inTree(root: string, path: string): Promise<string | undefined> {
  const todo = path.split("/");
  const real: string[] = [];
  let links = 0;
  for (let word = todo.shift(); word !== undefined; word = todo.shift()) {
    if (word === "" || word === ".") continue;
    if (word === "..") {
      real.pop();
      continue;
    }
    const place = join(root, ...real, word);
    const info = await lstat(place).catch(() => undefined);
    if (!info) return undefined;
    if (!info.isSymbolicLink()) {
      real.push(word);
      continue;
    }
    if (++links > mostLinks) return undefined;
    const target = await readlink(place);
    if (target.startsWith("/")) real.length = 0;
    todo.unshift(...target.split("/"));
  }
  return join(root, ...real);
}
