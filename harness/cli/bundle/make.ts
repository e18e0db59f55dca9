import { randomBytes } from "node:crypto";
import { access, constants, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin } from "vite";
import { bundleFile, bundlesFolder, type Bundle, type Source } from "./fresh.ts";
import { partNames } from "./parts.ts";

const harness = join(import.meta.dirname, "../..");
const entries = ["index", "suite/runtime", "run/worker", "run/global-setup", "cli/start"];
/** Packages that stay where they are: those a test's file loads too must be one copy, and some find parts of theirs by path. */
const outside = ["vitest", "vite", "vite-plugin-singlefile", "ssh2", "@xterm/headless", "allure-js-commons", "allure-vitest"];
/** Loaded late: bundles have a file of their own for each. */
const late = ["execa", "log-update"];
/** A process that was started from an older bundle may still load parts of it. Milliseconds. */
const keptMs = 24 * 60 * 60_000;

/**
 * Makes one set of few files out of osbench's some hundred modules and the packages they are made of: reading so many takes longer than all that
 * `osbench run` does before its first machine starts. The next start takes it, as long as no source has changed. Takes about a second of a core.
 * Rejects where it cannot be written (then osbench starts from its sources, as it did).
 */
export async function makeBundle(folder: string = bundlesFolder): Promise<Bundle> {
  await access(dirname(folder), constants.W_OK);
  await mkdir(folder, { recursive: true });
  const name = randomBytes(8).toString("hex");
  const made = join(folder, name);
  try {
    // What changes while it is being read must not pass for what was read.
    const began = Date.now();
    const paths = await build(made);
    const sources = await Promise.all(paths.map(sourceOf));
    const changed = sources.find(([, , changedMs]) => changedMs >= began);
    if (changed) throw new Error(`${changed[0]} changed while it was being bundled`);
    // What a crash of the host cut short must not be started from.
    const written = (await readdir(made, { recursive: true })).filter((file) => file.endsWith(".mjs"));
    const parts = await Promise.all(written.map((file) => sourceOf(join(made, file))));
    const bundle: Bundle = { start: join(made, "cli/start.mjs"), sources: [...sources, ...parts] };
    const draft = join(made, bundleFile);
    await writeFile(draft, JSON.stringify(bundle));
    await rename(draft, join(folder, bundleFile));
    await removeOld(folder, name);
    return bundle;
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    throw error;
  }
}

/** Writes the bundle into `folder`; resolves with every file it was made from. */
async function build(folder: string): Promise<string[]> {
  const { build: viteBuild } = await import("vite");
  let modules: readonly string[] = [];
  await viteBuild({
    root: harness,
    configFile: false,
    envFile: false,
    logLevel: "silent",
    // All of them: one that is only passed through leaves no code, and matters.
    plugins: [
      inPlace(folder),
      {
        name: "osbench:modules",
        buildEnd: function () {
          modules = [...this.getModuleIds()];
        },
      },
    ],
    ssr: { target: "node", noExternal: true, external: outside },
    build: {
      ssr: true,
      outDir: folder,
      emptyOutDir: false,
      target: "esnext",
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        input: Object.fromEntries([
          ...entries.map((entry) => [entry, join(harness, `${entry}.ts`)]),
          ...late.map((name) => [`packages/${name}`, name]),
        ]) as Record<string, string>,
        output: {
          format: "esm",
          keepNames: true,
          codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: partNames(harness) }] },
          entryFileNames: "[name].mjs",
          chunkFileNames: "parts/[name]-[hash].mjs",
        },
      },
    },
  });
  return [...new Set(modules.filter((id) => id.startsWith("/")).map((id) => id.split("?", 1)[0] as string))].sort();
}

/** Files beside a module are found where its source lies; modules that are loaded by path, in the bundle. */
function inPlace(folder: string): Plugin {
  return {
    name: "osbench:in-place",
    enforce: "pre",
    transform(code, id) {
      if (id === join(harness, "model/entries.ts")) return ownEntries(folder);
      if (!id.startsWith(`${harness}/`) || !code.includes("import.meta.")) return null;
      const places: Record<string, string> = { dirname: dirname(id), filename: id, url: pathToFileURL(id).href };
      return code.replaceAll(/\bimport\.meta\.(dirname|filename|url)\b/g, (_, key: string) => JSON.stringify(places[key]));
    },
  };
}

function ownEntries(folder: string): string {
  const path = (prefix: string) => `${JSON.stringify(`${folder}/${prefix}`)} + name + ".mjs"`;
  return [
    `import { createRequire } from "node:module";`,
    `export const entryFile = (name) => ${path("")};`,
    `export const requirePackage = (name) => createRequire(import.meta.url)(${path("packages/")});`,
  ].join("\n");
}

async function sourceOf(path: string): Promise<Source> {
  const { size, ctimeMs } = await stat(path);
  return [path, size, ctimeMs];
}

async function removeOld(folder: string, current: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name === current || name === bundleFile) continue;
    const { mtimeMs } = await stat(join(folder, name));
    if (Date.now() - mtimeMs > keptMs) await rm(join(folder, name), { recursive: true, force: true });
  }
}
