import { parse } from "yaml";
import { InputError, type Problem } from "../model/errors.ts";
import { issueProblems } from "../model/issues.ts";
import { impossible, targetManifest, type TargetManifest } from "../model/target.ts";
import type { YamlPath } from "../model/yaml.ts";
import { fitArchitecture, loadArchitecture } from "./target.ts";

/** Keys that say which target it is: what differs in them is another target. */
const fixed = ["target", "title", "arch", "kind", "extends"];

interface Setting {
  /** As typed: `disk.bus=nvme`. */
  readonly text: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

/**
 * A target with some of its keys changed (`disk.bus=nvme`; values are YAML), and a name that says so. What it declares and can no longer have is
 * taken back: a machine without TPM promises none. Throws InputError with everything that is wrong in the settings.
 */
export async function varyTarget(target: TargetManifest, settings: readonly string[]): Promise<TargetManifest> {
  if (settings.length === 0) return target;
  const problems: Problem[] = [];
  const read = settings.flatMap((text) => readSetting(text, problems));
  const changed = structuredClone(target) as unknown as Record<string, unknown>;
  for (const setting of read) put(changed, setting, problems);
  changed["target"] = [target.target, ...read.map(({ path, value }) => nameOf(path, value))].join("-");
  const declaresItself = read.some(({ path }) => path[0] === "declares");
  const parsed = targetManifest.safeParse(declaresItself ? changed : { ...changed, declares: [] }, { reportInput: true });
  const complain = (path: YamlPath, what: string, remedy?: string): Problem => {
    const { text } = read.findLast((one) => one.path.every((key, depth) => path[depth] === undefined || path[depth] === key)) ?? {
      text: settings.join(" "),
    };
    return { at: { flag: `--set ${text}` }, what, ...(remedy !== undefined && { remedy }) };
  };
  if (!parsed.success) problems.push(...issueProblems(parsed.error.issues, targetManifest, complain));
  if (problems.length > 0 || !parsed.success) throw new InputError(problems);
  const fitted = fitArchitecture(parsed.data, await loadArchitecture(target.arch), (...what) => problems.push(complain(...what)));
  if (problems.length > 0) throw new InputError(problems);
  if (declaresItself) return fitted;
  const withdrawn = fitted.firmware.type === target.firmware.type ? [] : ["measured-firmware"];
  return { ...fitted, declares: target.declares.filter((name) => !withdrawn.includes(name) && impossible(fitted, name) === undefined) };
}

function readSetting(text: string, problems: Problem[]): Setting[] {
  const at = { flag: `--set ${text}` };
  const [, key, written] = /^([a-z0-9.-]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || written === undefined || written.trim() === "") {
    problems.push({ at, what: "is not KEY=VALUE", remedy: "Keys are those of a target file, joined by dots: --set disk.bus=nvme" });
    return [];
  }
  const path = key.split(".");
  if (fixed.includes(path[0] as string)) {
    problems.push({
      at,
      what: `\`${path[0]}\` says which target it is, and is not for setting`,
      remedy: "Name another target, or write a target file of your own.",
    });
    return [];
  }
  try {
    return [{ text, path, value: parse(written) as unknown }];
  } catch (error) {
    problems.push({ at, what: `the value is not valid YAML: ${(error as Error).message.split("\n")[0]}` });
    return [];
  }
}

function put(target: Record<string, unknown>, { text, path, value }: Setting, problems: Problem[]): void {
  let place = target;
  for (const [depth, key] of path.slice(0, -1).entries()) {
    const inside = place[key] ?? {};
    if (typeof inside !== "object" || Array.isArray(inside)) {
      const upTo = path.slice(0, depth + 1).join(".");
      problems.push({
        at: { flag: `--set ${text}` },
        what: `\`${upTo}\` has no keys`,
        remedy: `Set it as a whole: --set ${upTo}=${String(value)}`,
      });
      return;
    }
    place = (place[key] = inside) as Record<string, unknown>;
  }
  place[path.at(-1) as string] = value;
}

/** Fit for a target's name, and so for a file's. */
function nameOf(path: readonly string[], value: unknown): string {
  const words = Array.isArray(value) ? value.join("_") : String(value);
  return `${path.join(".")}-${words}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9_.-]+/g, "_")
    .replaceAll(/^_|_$/g, "");
}
