import type { ToolsPlace } from "../model/context.ts";
import { InputError, type Problem } from "../model/errors.ts";
import { which } from "./prerequisites.ts";
import type { ToolboxRecipe } from "./toolbox.ts";
import { askVersions, isOlder } from "./versions.ts";

/** Checks that the host's own tools are there and new enough. Throws one InputError that lists every one that is not, and what brings it. */
export async function requireHostTools(tools: ToolsPlace, recipe: ToolboxRecipe): Promise<void> {
  const programs = Object.entries(recipe.programs).filter(([, need]) => !need.optional);
  const missing = ["setpriv", ...programs.map(([name]) => name)].filter((name) => !which(name));
  const present = programs.map(([name]) => name).filter((name) => !missing.includes(name));
  // Without setpriv nothing can be run the way osbench runs tools.
  const versions = missing.includes("setpriv") ? {} : await askVersions(tools, present);
  const problems: Problem[] = missing.map((name) => ({
    at: { flag: "--tools host" },
    what: `${name} is missing`,
    remedy: `Debian package: ${recipe.programs[name]?.package ?? "util-linux"}`,
  }));
  for (const [name, { least }] of programs) {
    const version = versions[name];
    if (version === undefined || least === undefined || !isOlder(version, least)) continue;
    problems.push({
      at: { flag: "--tools host" },
      what: `${name} is ${version}, osbench needs ${least}`,
      remedy: "Leave --tools host out: the toolbox brings it",
    });
  }
  if (problems.length > 0) throw new InputError(problems, "OSB_PREREQUISITES");
}
