import { createHash } from "node:crypto";
import { readFile, readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import type { Rolldown } from "vite";
import { cachePath, writeWhole } from "../host/cache.ts";
import { HarnessError } from "../model/errors.ts";

const page = path.join(import.meta.dirname, "page");
const builtFrom = ["vite", "vite-plugin-singlefile", "preact", "asciinema-player"];

/** What the template holds where the data belongs. */
export const dataMark = "__OSBENCH_MATRIX__";

/**
 * The matrix page as one HTML file without data. Built by vite the first time (about a second) and kept under
 * `~/.cache/osbench/page/`, named by the digest of everything it is made from. Throws HarnessError when it cannot be built.
 */
export async function template(cache: string = path.join(cachePath(), "page")): Promise<string> {
  const kept = path.join(cache, `${await sourceDigest()}.html`);
  const known = await readFile(kept, "utf8").catch(() => undefined);
  if (known !== undefined) return known;
  const html = await build();
  await keep(html, kept);
  return html;
}

async function sourceDigest(): Promise<string> {
  const hash = createHash("sha256");
  // The page shares modules with this room; all of them count, so that none can be forgotten here.
  for (const folder of [page, import.meta.dirname, path.join(import.meta.dirname, "site"), path.join(import.meta.dirname, "..", "model")]) {
    const names = (await readdir(folder)).filter((name) => /\.(html|css|[jt]sx?)$/.test(name) && !name.includes(".test."));
    for (const name of names.sort())
      hash
        .update(`${name}\0`)
        .update(await readFile(path.join(folder, name)))
        .update("\0");
  }
  for (const name of builtFrom) hash.update(`${name} ${await versionOf(name)}\0`);
  return hash.digest("hex").slice(0, 32);
}

async function versionOf(name: string): Promise<string> {
  const lookup = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const folder of lookup) {
    const manifest = await readFile(path.join(folder, name, "package.json"), "utf8").catch(() => undefined);
    if (manifest !== undefined) return (JSON.parse(manifest) as { version: string }).version;
  }
  throw new HarnessError("OSB_PAGE_BUILD", `building the matrix page: the package ${name} is not installed`, {
    hint: "Run `npm ci` in the osbench folder.",
  });
}

async function build(): Promise<string> {
  try {
    const [vite, { viteSingleFile }] = await Promise.all([import("vite"), import("vite-plugin-singlefile")]);
    const result = (await vite.build({
      root: page,
      configFile: false,
      envFile: false,
      logLevel: "silent",
      mode: "production",
      define: { "process.env.NODE_ENV": '"production"' },
      plugins: [viteSingleFile()],
      oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
      build: { write: false, target: "es2022", reportCompressedSize: false, modulePreload: false },
    })) as Rolldown.RolldownOutput;
    const html = result.output.find((file) => file.fileName === "index.html");
    if (html?.type !== "asset") throw new Error("vite made no index.html");
    const text = typeof html.source === "string" ? html.source : new TextDecoder().decode(html.source);
    if (text.split(dataMark).length !== 2) throw new Error(`the built page must hold ${dataMark} once`);
    return text;
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new HarnessError("OSB_PAGE_BUILD", `building the matrix page failed: ${said}`, {
      cause,
      hint: "Run `npm ci` in the osbench folder, then try again.",
    });
  }
}

/** A cache that cannot be written only costs the next build. */
async function keep(html: string, file: string): Promise<void> {
  const folder = path.dirname(file);
  try {
    await writeWhole(file, html);
    const older = (await readdir(folder)).filter((name) => name.endsWith(".html") && path.join(folder, name) !== file);
    // Bounded: pages of other source revisions can be built again.
    if (older.length > 3) await Promise.all(older.map((name) => rm(path.join(folder, name), { force: true })));
  } catch {
    return;
  }
}
