import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder, writeWhole } from "../../host/cache.ts";
import { isAlive, processMark } from "../../host/process-mark.ts";
import { momentFacts, type MomentFacts } from "./facts.ts";

/** A saved machine in its folder. */
export interface Shelved {
  readonly folder: string;
  readonly facts: MomentFacts;
}

/** The right to use a moment's files: as long as it lasts, nobody removes them. */
export interface Lease {
  release(): Promise<void>;
}

const factsFile = "moment.json";
const ownerFile = "owner";
/** Written when every byte is on the disk; until then a crash of the host may have taken some. */
const safeFile = "safe";

/** Folder of all saved machines. Only their owner may enter it: what a guest had in memory lies there. */
export function shelfFolder(): string {
  return join(cacheFolder(), "moments");
}

/** Makes an empty folder for a machine that may be saved. It counts for nothing until it is published, and is swept away when this process has died. */
export async function newFolder(label: string): Promise<string> {
  const folder = join(shelfFolder(), `${label}-${randomBytes(6).toString("hex")}`);
  await mkdir(shelfFolder(), { recursive: true, mode: 0o700 });
  // The owner is known before the folder can be seen.
  const draft = join(shelfFolder(), `.new-${processMark()}-${randomBytes(6).toString("hex")}`);
  await mkdir(draft, { mode: 0o700 });
  await writeFile(join(draft, ownerFile), processMark() as string);
  await rename(draft, folder);
  return folder;
}

/** Makes a moment of a folder's machine: with a digest one that any process may fork, else its maker's own. From here on nothing in it changes. */
export async function publish(folder: string, facts: MomentFacts): Promise<void> {
  await writeWhole(join(folder, factsFile), JSON.stringify(facts));
  if (facts.digest !== undefined) await rm(join(folder, ownerFile), { force: true });
}

/** Says that all of it is on the disk. */
export async function markSafe(folder: string): Promise<void> {
  await writeFile(join(folder, safeFile), "");
}

/** The newest published moment of that digest, whole as it was saved, with the right to use it. What is damaged is removed on the way. */
export async function take(digest: string): Promise<(Shelved & Lease) | undefined> {
  const names = (await readdir(shelfFolder()).catch(() => [])).filter((name) => name.startsWith(`${digest.slice(0, 16)}-`));
  for (const name of names) {
    const folder = join(shelfFolder(), name);
    const lease = await leaseOf(folder);
    if (!lease) continue;
    const facts = await readFacts(folder);
    const wanted = facts?.digest === digest;
    if (facts && wanted && (await isWhole(folder, facts))) {
      const now = new Date();
      await utimes(join(folder, factsFile), now, now).catch(() => {});
      return { folder, facts, ...lease };
    }
    await lease.release();
    if (wanted) await discard(folder);
  }
  return undefined;
}

/** Takes the right to use a folder's files; undefined if it is gone, or somebody is about to remove it. */
export async function leaseOf(folder: string): Promise<Lease | undefined> {
  const file = await sign(folder, "user");
  if (file === undefined) return undefined;
  if ((await has(folder, "remover")) || !(await stat(join(folder, factsFile)).catch(() => undefined))) {
    await rm(file, { force: true });
    return undefined;
  }
  return { release: () => rm(file, { force: true }) };
}

/**
 * Removes a folder, unless somebody uses it; says whether it is gone. Users and removers each sign before they look for the other, so that of two who
 * come at once at least one gives way, and nobody loses files he was given.
 */
export async function discard(folder: string): Promise<boolean> {
  const file = await sign(folder, "remover");
  if (file === undefined) return true;
  if (await has(folder, "user")) {
    await rm(file, { force: true });
    return false;
  }
  const gone = join(shelfFolder(), `.gone-${processMark()}-${randomBytes(6).toString("hex")}`);
  // If it cannot be moved, another remover was faster.
  const moved = await rename(folder, gone).then(
    () => true,
    () => false,
  );
  if (moved) await rm(gone, { recursive: true, force: true });
  return true;
}

/** Every published moment, whole or not, and what dead processes left, which is removed. */
export async function sweep(): Promise<Shelved[]> {
  const found: Shelved[] = [];
  for (const name of await readdir(shelfFolder()).catch(() => [])) {
    const folder = join(shelfFolder(), name);
    const temporary = /^\.(?:new|gone)-(\d+-\d+)-/.exec(name)?.[1];
    if (temporary !== undefined) {
      if (!isAlive(temporary)) await rm(folder, { recursive: true, force: true });
      continue;
    }
    await forgetDeadUsers(folder);
    const facts = await readFacts(folder);
    const orphan = facts?.digest === undefined && !isAlive(await readFile(join(folder, ownerFile), "utf8").catch(() => ""));
    // One's own moment has an owner all its life; everybody's has none.
    if (orphan) await discard(folder);
    else if (facts) found.push({ folder, facts });
  }
  return found;
}

async function forgetDeadUsers(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const mark = markOf(name, "user") ?? markOf(name, "remover");
    if (mark !== undefined && !isAlive(mark)) await rm(join(folder, name), { force: true });
  }
}

type Role = "user" | "remover";

/** Leaves word in a folder that this process is about to use or remove it; undefined if there is no such folder. */
async function sign(folder: string, role: Role): Promise<string | undefined> {
  const file = join(folder, `${role}-${processMark()}-${randomBytes(4).toString("hex")}`);
  return await writeFile(file, "").then(
    () => file,
    () => undefined,
  );
}

/** Whether any process lives that has signed so. */
async function has(folder: string, role: Role): Promise<boolean> {
  const marks = (await readdir(folder).catch(() => [])).map((name) => markOf(name, role));
  return marks.some((mark) => mark !== undefined && isAlive(mark));
}

function markOf(name: string, role: Role): string | undefined {
  return new RegExp(`^${role}-(\\d+-\\d+)-`).exec(name)?.[1];
}

/** Whether any process lives that uses the folder. */
export async function inUse(folder: string): Promise<boolean> {
  return await has(folder, "user");
}

async function readFacts(folder: string): Promise<MomentFacts | undefined> {
  try {
    return momentFacts.parse(JSON.parse(await readFile(join(folder, factsFile), "utf8")));
  } catch {
    return undefined;
  }
}

/** Whether every file is as it was saved, and cannot have been lost in a crash of the host. */
async function isWhole(folder: string, { files, hostBoot }: MomentFacts): Promise<boolean> {
  const safe = await stat(join(folder, safeFile)).catch(() => undefined);
  if (!safe && hostBoot !== (await bootOfHost())) return false;
  const now = await Promise.all(files.map(async ({ path }) => await stat(path).catch(() => undefined)));
  return files.every(({ bytes, mtimeMs }, index) => now[index]?.size === bytes && now[index]?.mtimeMs === mtimeMs);
}

export async function bootOfHost(): Promise<string> {
  return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
}
