import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "./execa.ts";
import { z } from "zod";
import type { ToolsPlace } from "../model/context.ts";
import { HarnessError } from "../model/errors.ts";
import { loadYaml } from "../model/yaml.ts";
import { cacheFolder, remember, requireSpace } from "./cache.ts";
import { withLock } from "./lock.ts";
import { uncovered } from "./place.ts";
import { requirePrograms } from "./prerequisites.ts";
import { requireHostTools } from "./hosttools.ts";
import { entranceMade } from "./entrance.ts";
import { keepNewest } from "./evict.ts";
import { makeHoles } from "./holes.ts";
import { sha256 } from "./sha256.ts";
import { tail } from "./tools.ts";
import { askVersions } from "./versions.ts";

const recipeFile = fileURLToPath(new URL("toolbox.yaml", import.meta.url));

const recipe = z.strictObject({
  suite: z.string(),
  packages: z.array(z.string()).min(1),
  programs: z.record(
    z.string(),
    z.strictObject({ least: z.string().optional(), package: z.string(), optional: z.boolean().default(false) }),
  ),
});

export type ToolboxRecipe = z.infer<typeof recipe>;

/** What the toolbox is made of, and what osbench asks of the host's own tools. */
export async function toolboxRecipe(): Promise<ToolboxRecipe> {
  return (await loadYaml(recipeFile, recipe)).value;
}

export interface OpenOptions {
  readonly progress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** The Debian mirror everything is fetched from: OSBENCH_DEBIAN_MIRROR, or Debian's own. */
export function debianMirror(): string {
  return process.env["OSBENCH_DEBIAN_MIRROR"] || "http://deb.debian.org/debian";
}

/**
 * Opens the place the tools come from: makes the toolbox if it is missing (about a minute, once), or checks that the host's own tools are
 * new enough. Throws InputError naming everything the host lacks, HarnessError `OSB_TOOLBOX` with the end of the log if the toolbox cannot be made.
 */
export async function openTools(kind: ToolsPlace["kind"], options: OpenOptions = {}): Promise<ToolsPlace> {
  if (kind === "host") {
    const tools: ToolsPlace = { kind, root: "", digest: undefined };
    await requireHostTools(tools, await toolboxRecipe());
    return tools;
  }
  const recipe = await toolboxRecipe();
  const { suite, packages } = recipe;
  const tools = placeOf(recipe);
  const { root, digest } = tools;
  const shelf = dirname(root);
  if (!existsSync(root)) {
    await mkdir(shelf, { recursive: true });
    await withLock(join(shelf, `${digest}.lock`), "making the toolbox", options, async () => {
      if (!existsSync(root)) await make(root, suite, packages, options);
    });
    await keepNewest(shelf, 2, [root]);
  } else {
    await requirePrograms({ mmdebstrap: false, ...options });
  }
  for (const folder of uncovered()) await mkdir(join(root, folder), { recursive: true });
  return tools;
}

function placeOf({ suite, packages }: ToolboxRecipe): ToolsPlace & { readonly digest: string } {
  const digest = sha256(JSON.stringify([suite, [...packages].sort(), process.arch])).slice(0, 16);
  return { kind: "toolbox", root: join(cacheFolder(), "toolbox", digest), digest };
}

/** Prepares this process for running tools of the toolbox, if there is one already: the first of them need not wait for it. */
export async function warmToolbox(): Promise<void> {
  const { root } = placeOf(await toolboxRecipe());
  if (existsSync(root)) await entranceMade(root);
}

async function make(root: string, suite: string, packages: readonly string[], options: OpenOptions): Promise<void> {
  const say = options.progress ?? (() => {});
  await requirePrograms({ mmdebstrap: true, ...options });
  await requireSpace(dirname(root), 3 * 2 ** 30, "the toolbox");
  say(`making the toolbox of tools from Debian ${suite} (about a minute, once): ${root}`);
  const started = performance.now();
  const draft = `${root}.draft`;
  // Left by a process that was killed: nobody else is here while we hold the lock.
  await rm(draft, { recursive: true, force: true });
  await bootstrap(draft, suite, packages, options);
  // Regular files, whatever the host had there: mount points for the host's own at each entry.
  for (const name of ["resolv.conf", "hosts"]) {
    await rm(join(draft, "etc", name), { force: true });
    await writeFile(join(draft, "etc", name), "");
  }
  await makeHoles(join(draft, "usr/share"));
  await rename(draft, root);
  say(`toolbox made in ${((performance.now() - started) / 1000).toFixed(0)} s`);
}

async function bootstrap(draft: string, suite: string, packages: readonly string[], options: OpenOptions): Promise<void> {
  const quiet = ["man", "doc", "locale", "info"].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  const root = process.getuid?.() === 0;
  const argv = [
    ...["--variant=minbase", `--mode=${root ? "root" : "unshare"}`, `--include=${packages.join(",")}`],
    ...['--aptopt=APT::Install-Recommends "false"', '--aptopt=Acquire::Languages "none"', ...quiet, "--skip=output/dev"],
    // Without root the tree would belong to ids of a user namespace; unpacked from an archive it belongs to the user.
    ...(root ? ["--format=directory", suite, draft] : ["--format=tar", suite, "-"]),
    debianMirror(),
  ];
  // mmdebstrap tidies up at SIGTERM; each process of the pipe is told of the shell's death too.
  const unpack = 'tar -C "$0" -x --no-same-owner --delay-directory-restore';
  const dies = "setpriv --pdeathsig TERM --";
  const script = root ? 'exec mmdebstrap "$@"' : `mkdir -p "$0" && set -o pipefail && ${dies} mmdebstrap "$@" | ${dies} ${unpack}`;
  const result = await execa("setpriv", ["--pdeathsig", "TERM", "--", "bash", "-c", script, draft, ...argv], {
    reject: false,
    stdin: "ignore",
    env: { LC_ALL: "C.UTF-8" },
    ...(options.signal && { cancelSignal: options.signal }),
    forceKillAfterDelay: 10_000,
    stderr: [
      "pipe",
      function* (line: unknown) {
        const step = /^I: (.*)/.exec(String(line))?.[1];
        if (step) options.progress?.(`  ${step}`);
        yield line;
      },
    ],
  });
  if (!result.failed) return;
  await rm(draft, { recursive: true, force: true });
  options.signal?.throwIfAborted();
  throw new HarnessError("OSB_TOOLBOX", `mmdebstrap could not make the toolbox from ${debianMirror()} (exit code ${result.exitCode})`, {
    hint: "If the mirror cannot be reached from here, name another: OSBENCH_DEBIAN_MIRROR=http://mirror.example/debian",
    evidence: { command: `mmdebstrap ${argv.join(" ")}`, output: tail(String(result.stderr)) },
  });
}

/** Versions of the tools by program name; a program that is missing is absent. Kept beside the toolbox; asked each time of the host's own. */
export async function toolVersions(tools: ToolsPlace): Promise<Record<string, string>> {
  const { programs } = await toolboxRecipe();
  const ask = () => askVersions(tools, Object.keys(programs));
  if (tools.kind === "host") return await ask();
  // The toolbox has all of them: one that did not answer could not be run by whoever asked, which says nothing to the next.
  const complete = (versions: Record<string, string>) => Object.keys(programs).every((name) => versions[name] !== undefined);
  return await remember(join(`${tools.root}.facts`, "versions.json"), ask, complete);
}
