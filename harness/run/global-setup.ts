import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { claimMachine, HostTaken } from "../host/lock.ts";
import { findImage } from "../image/manifest.ts";
import { HarnessError } from "../model/errors.ts";
import { findTarget } from "../machine/targets.ts";
import { makeOutFolder, runName } from "./outfolder.ts";
import { combine, type Combination } from "./plan.ts";
import { contextOf, prepareCombinations, prepareTools } from "./prepare.ts";
import { preparedFacts } from "./prepared-facts.ts";
import { startProvenance, writeProvenance } from "./provenance.ts";

/** Prepares tools, accelerator and image for a project made by `suiteProject`, once, before its first file. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { osbenchProject: wanted, osbenchBus: bus } = project.getProvidedContext();
  const claim = await claimUnlessOurs();
  const signal = new AbortController().signal;
  const options = { signal, progress: (line: string) => void process.stderr.write(`${line}\n`) };
  const [image, target] = [await findImage(wanted.image), await findTarget(wanted.target)];
  const combinations = combine([image.manifest], [target]);
  const tools = await prepareTools(wanted.tools, options);
  const [prepared] = await prepareCombinations(combinations, [image], tools, options);
  if (!prepared || !("image" in prepared)) throw reasonOf(combinations[0] as Combination, prepared);

  const run = runName();
  const runFolder = wanted.out === false ? await mkdtemp(join(tmpdir(), "osbench-guest-")) : resolve(project.config.root, wanted.out, run);
  makeOutFolder(runFolder);
  const started = await startProvenance(run, process.argv.slice(1));
  await writeProvenance(runFolder, { ...started, ...(await preparedFacts(started, tools, [prepared])), targets: [target.target] });
  project.provide("osbench", contextOf(prepared, { run, runFolder, tools: tools.place, bus }));
  project.provide("osbenchFirmware", prepared.firmware);
  return async () => {
    await claim?.[Symbol.asyncDispose]();
    if (wanted.out === false && (await allWell(runFolder))) await rm(runFolder, { recursive: true, force: true });
    else options.progress(`records and evidence: ${runFolder}`);
  };
}

/** Projects of one vitest process share the host, one after the other; so does a process started by a test of such a project. */
async function claimUnlessOurs() {
  try {
    return await claimMachine("vitest");
  } catch (error) {
    if (error instanceof HostTaken && error.holder && (await ancestors()).includes(error.holder.pid)) return undefined;
    throw error;
  }
}

/** Process ids from this process up to the first (proc_pid_stat(5): the field after the state is the parent's). */
async function ancestors(): Promise<number[]> {
  const found = [process.pid];
  for (let pid = process.pid; pid > 1; found.push(pid)) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    pid = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  }
  return found;
}

function reasonOf(combination: Combination, prepared: object | undefined): unknown {
  if (prepared && "failure" in prepared) return prepared.failure;
  const why = prepared && "misfit" in prepared ? String(prepared.misfit) : "";
  return new HarnessError("OSB_PREPARE", `${combination.project} cannot be run: ${why}`);
}

async function allWell(runFolder: string): Promise<boolean> {
  const lines = (await readFile(join(runFolder, "records.jsonl"), "utf8").catch(() => "")).split("\n").filter(Boolean);
  return lines.every((line) => ["pass", "not-applicable"].includes((JSON.parse(line) as { outcome: string }).outcome));
}
