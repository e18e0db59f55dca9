import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { InputError } from "./errors.ts";
import { suggest } from "./nearest.ts";
import { loadYaml, type Loaded } from "./yaml.ts";

const heir = z.looseObject({ extends: z.string().optional() });

/** A file that may say only what differs from another. */
export type Heir = Loaded<z.infer<typeof heir>>;

/** The built-in ones of something that files describe: each has a name. */
export interface BuiltIn {
  readonly names: readonly string[];
  /** The file of one of them. */
  fileOf(name: string): string;
}

/** Every YAML file of a folder, by its name without the ending; sorted. */
export async function builtInAt(folder: string): Promise<BuiltIn> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".yaml"));
  return { names: files.map((file) => basename(file, ".yaml")).sort(), fileOf: (name) => join(folder, `${name}.yaml`) };
}

/** The file a built-in name or the path of a YAML file stands for, seen from a folder; undefined for neither. */
export function namedFile(nameOrFile: string, { names, fileOf }: BuiltIn, folder: string): string | undefined {
  if (/\.ya?ml$/.test(nameOrFile)) return resolve(folder, nameOrFile);
  return names.includes(nameOrFile) ? fileOf(nameOrFile) : undefined;
}

/** A file, the one it `extends`, and so on up to the one that stands alone. Throws InputError at an `extends` that leads nowhere or round in a circle. */
export async function lineage(file: string, builtIn: BuiltIn): Promise<Heir[]> {
  const line: Heir[] = [];
  for (let next: string | undefined = file; next !== undefined;) {
    const one: Heir = await loadYaml(next, heir);
    line.push(one);
    const { extends: parent } = one.value;
    if (parent === undefined) return line;
    const wrong = (what: string, remedy: string) => new InputError([one.problem(["extends"], what, remedy)]);
    next = namedFile(parent, builtIn, dirname(one.file));
    if (next === undefined) throw wrong(`nothing is called "${parent}" that could be extended`, suggest(parent, builtIn.names));
    if (line.some((known) => known.file === next))
      throw wrong(`${parent} extends this file itself`, "Break the circle: one of them must stand alone.");
  }
  return line;
}

/** What the last of a line is, each made of its own file and of what those above it say; `name` is the key no one inherits. */
export async function inherit<T extends object>(
  line: readonly Heir[],
  name: keyof T & string,
  load: (file: string, unlessSaid: Readonly<Record<string, unknown>>) => Promise<T>,
): Promise<T> {
  let made = {} as T;
  for (const { file } of line.toReversed()) made = await load(file, { ...made, [name]: undefined, extends: undefined });
  return made;
}
