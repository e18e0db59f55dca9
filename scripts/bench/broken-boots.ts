import { mkdir, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { cacheFolder } from "../../harness/host/cache.ts";
import { debianMirror } from "../../harness/host/toolbox.ts";
import { runTool } from "../../harness/host/tools.ts";
import { buildImage } from "../../harness/image/build.ts";
import { findImage } from "../../harness/image/manifest.ts";
import type { ToolsPlace } from "../../harness/model/context.ts";
import { InputError } from "../../harness/model/errors.ts";
import { imageManifest, type Image } from "../../harness/model/image.ts";
import { suggest } from "../../harness/model/nearest.ts";
import type { Architecture } from "../../harness/model/target.ts";
import { phases } from "../../harness/model/phase.ts";
import { findTarget } from "../../harness/machine/targets.ts";
import { loadYaml } from "../../harness/model/yaml.ts";

const folder = join(import.meta.dirname, "../../images/broken-boots");

const brokenBoot = z.strictObject({
  id: z.string(),
  what: z.string(),
  base: z.enum(["tiny", "debian-ab"]).default("tiny"),
  target: z.string().default("x86_64"),
  arguments: z.array(z.string()).default([]).describe("Further arguments for QEMU"),
  certificates: z.array(z.string()).default([]),
  access: imageManifest.shape.access.optional(),
  make: z.string(),
  ends: z.enum(["failed", "ready", "shell"]).default("failed"),
  verdict: z.string().optional(),
  fault: z.string().default("image"),
  phase: z.enum(phases).default("ready"),
  proof: z.string().optional(),
  event: z.string().optional(),
  quiet: z.number().default(0),
  processors: z.enum(["unknown", "halted", "unwoken", "spinning", "running"]).default("unknown"),
  says: z.string().optional(),
});

/** One way a boot can go wrong, how such a disk is made, and what osbench must say of it: see images/broken-boots/cases.yaml. */
export type BrokenBoot = z.infer<typeof brokenBoot>;

/** Reads the corpus, or these of it. Throws InputError naming the nearest for an id that is not there. */
export async function loadBrokenBoots(only: readonly string[] = []): Promise<BrokenBoot[]> {
  const { cases } = (await loadYaml(join(folder, "cases.yaml"), z.strictObject({ cases: z.array(brokenBoot) }))).value;
  const ids = cases.map(({ id }) => id);
  const unknown = only.filter((id) => !ids.includes(id));
  if (unknown.length > 0)
    throw new InputError(unknown.map((id) => ({ at: { flag: "--only" }, what: `no broken boot "${id}"`, remedy: suggest(id, ids) })));
  return only.length === 0 ? cases : cases.filter(({ id }) => only.includes(id));
}

/** Makes disks that boot broken out of the finished images they are broken copies of. */
export class BrokenBootMaker {
  readonly #tools: ToolsPlace;
  readonly #workspace: string;
  readonly #signal: AbortSignal;
  readonly #progress: (line: string) => void;

  /** Everything it makes lies in the workspace. */
  constructor(tools: ToolsPlace, workspace: string, signal: AbortSignal, progress: (line: string) => void) {
    this.#tools = tools;
    this.#workspace = workspace;
    this.#signal = signal;
    this.#progress = progress;
  }

  /** Makes one, in some seconds; what it is a broken copy of is built before, or found built. `remove` takes its disk away again: those of debian-ab are large. */
  async make(boot: BrokenBoot): Promise<{ image: Image; remove: () => Promise<void> }> {
    const { arch } = await findTarget(boot.target);
    const base = await this.#built(boot.base, arch);
    const out = join(this.#workspace, boot.id);
    const parts = join(this.#workspace, "parts");
    const cache = join(cacheFolder(), "recipes", "broken-boots");
    for (const path of [out, parts, cache]) await mkdir(path, { recursive: true });
    await runTool(this.#tools, ["sh", join(folder, "make.sh")], {
      signal: this.#signal,
      timeoutMs: 180_000,
      tree: true,
      env: {
        ...{ MAKE: boot.make, OUT: out, PARTS: parts, TMPDIR: this.#workspace, CACHE: cache, MIRROR: debianMirror() },
        TINY: (await this.#built("tiny", arch)).folder,
        ...((boot.base === "debian-ab" || boot.make.includes("$DEBIAN")) && { DEBIAN: (await this.#built("debian-ab", arch)).folder }),
      },
    });
    const qcow2 = existsSync(join(out, "disk.qcow2"));
    const manifest = imageManifest.parse({
      // All of one base share a name, and so what its good boots taught of how long the phases take.
      image: `broken-boots/${boot.base}`,
      title: boot.what,
      architectures: [arch],
      access: boot.access ?? base.manifest.access,
      certificates: boot.certificates,
      memory: base.manifest.memory,
      versions: [{ version: "1", disk: qcow2 ? "disk.qcow2" : "disk.raw", format: qcow2 ? "qcow2" : "raw" }],
    });
    const image = { manifest, name: manifest.image, folder: out, digest: base.digest, architecture: arch };
    return { image, remove: () => rm(out, { recursive: true, force: true }) };
  }

  async #built(name: string, arch: Architecture): Promise<Image> {
    return await buildImage(await findImage(name), { arch, tools: this.#tools, progress: this.#progress, signal: this.#signal });
  }
}
