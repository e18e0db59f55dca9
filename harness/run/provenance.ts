import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeWhole } from "../host/cache.ts";
import { hardware } from "../host/hardware.ts";
import { ownFolder } from "../host/place.ts";
import { recordSchemaVersion, runProvenance, type RunProvenance } from "../model/record.ts";

export const provenanceFile = "run.json";

/** What is known of a run before anything is prepared: which osbench, which host, which command. */
export async function startProvenance(run: string, command: readonly string[]): Promise<RunProvenance> {
  const { os, kernel, cores, memoryMiB } = await hardware();
  const revision = await ownRevision();
  return {
    schema: recordSchemaVersion,
    run,
    started: new Date().toISOString(),
    osbench: { version: await ownVersion(), ...(revision !== undefined && { revision }) },
    command: [...command],
    host: { os, kernel, cores, memoryMiB, accelerators: {} },
    tools: {},
    toolDigests: {},
    images: [],
    targets: [],
    environments: [],
    suites: [],
    planned: [],
  };
}

/** Writes run.json whole: a reader, or a kill, never meets half of it. */
export async function writeProvenance(runFolder: string, provenance: RunProvenance): Promise<void> {
  await writeWhole(join(runFolder, provenanceFile), `${JSON.stringify(runProvenance.parse(provenance), undefined, 2)}\n`);
}

async function ownVersion(): Promise<string> {
  return (JSON.parse(await readFile(join(ownFolder, "package.json"), "utf8")) as { version: string }).version;
}

/** The commit of the checkout osbench runs from, `+` appended when it holds changes; undefined for an installed package. */
async function ownRevision(): Promise<string | undefined> {
  const git = async (...argv: string[]) => {
    const said = await promisify(execFile)("git", ["-C", ownFolder, ...argv], { timeout: 10_000 }).catch(() => undefined);
    return said?.stdout.trimEnd();
  };
  const [folder, commit] = (await git("rev-parse", "--show-toplevel", "HEAD"))?.split("\n") ?? [];
  if (folder !== ownFolder || commit === undefined) return undefined;
  const changes = await git("status", "--porcelain", "--untracked-files=no");
  return changes === undefined || changes === "" ? commit : `${commit}+`;
}
