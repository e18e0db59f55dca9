import type { Stats } from "node:fs";
import { lstat, readlink } from "node:fs/promises";
import { join } from "node:path";

/** A chain of links longer than this is a circle. Source: path_resolution(7). */
const mostLinks = 40;

/** What whoever follows a path does where it leads. */
export interface Way {
  /** Whether the path leads on over this place of the host, where no link stands; `info` is undefined where nothing does. */
  enter(place: string, info: Stats | undefined): Promise<boolean> | boolean;
  /** Called with the last link of a circle: the path leads nowhere. */
  circle?(link: string): never;
}

const asItIs: Way = { enter: (_, info) => info !== undefined };

/**
 * Where a path of a root tree lies on the host, links followed as if the tree's root were the root of all: whatever an image's links say, nothing
 * outside its tree is reached. Undefined where it does not lead; by default that is where nothing is.
 */
export async function inTree(root: string, path: string, way: Way = asItIs): Promise<string | undefined> {
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
    if (!info?.isSymbolicLink()) {
      if (!(await way.enter(place, info))) return undefined;
      real.push(word);
      continue;
    }
    if (++links > mostLinks) return way.circle?.(word);
    const target = await readlink(place);
    if (target.startsWith("/")) real.length = 0;
    todo.unshift(...target.split("/"));
  }
  return join(root, ...real);
}
