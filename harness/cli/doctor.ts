import type { Command } from "commander";
import type { ToolsPlace } from "../model/context.ts";
import type { Diagnosis } from "./support/examination.ts";
import { interruptSignal } from "./support/interrupt.ts";
import { toolsOption } from "./support/options.ts";

/** Adds `osbench doctor`. */
export function register(program: Command): void {
  program
    .command("doctor")
    .description("say what this host can do: its resources, tools, accelerators, and which targets work here")
    .addOption(toolsOption())
    .option("--anew", "prove accelerators again, whatever is remembered")
    .option("--json", "print everything as JSON on standard output")
    .action(doctor);
}

async function doctor(flags: { tools: ToolsPlace["kind"]; anew?: boolean; json?: boolean }): Promise<void> {
  const { examine } = await import("./support/examination.ts");
  const diagnosis = await examine(flags.tools, {
    anew: flags.anew ?? false,
    signal: interruptSignal(),
    progress: (line) => console.error(line),
  });
  console.log(flags.json ? JSON.stringify(diagnosis, undefined, 2) : sheet(diagnosis));
  // A host on which nothing can run is what doctor is asked to find: scripts see it in the exit code.
  if (!diagnosis.targets.some((target) => target.works)) process.exitCode = 3;
}

function sheet({ host, cache, tools, firmware, accelerators, targets }: Diagnosis): string {
  const place = tools.digest === undefined ? "the host's own" : `toolbox ${tools.digest}`;
  return [
    section("host", [
      ["system", `${host.os}, Linux ${host.kernel}, ${host.arch}`],
      ["cores", String(host.cores)],
      ["memory", `${gib(host.memoryMiB)}, ${gib(host.availableMiB)} available`],
      ["cache", `${cache.folder}, ${gib(cache.freeMiB)} free`],
    ]),
    section(`tools (${place})`, Object.entries(tools.versions)),
    section(
      "firmware",
      firmware.map((one) => [one.arch, `${one.description}${one.unusable ? ` (unusable: ${one.unusable})` : ""}`]),
    ),
    section(
      "accelerators",
      accelerators.map((one) => [one.arch, one.accelerator ? `${one.accelerator} (${one.reason})` : `none: ${one.reason}`]),
    ),
    section(
      "targets",
      targets.map((one) => [one.target, one.works ? `ready: ${one.title}` : `cannot run here: ${one.reasons.join("; ")}`]),
    ),
  ].join("\n\n");
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  const lines = rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
  return [title, ...(lines.length > 0 ? lines : ["  none"])].join("\n");
}

function gib(mib: number): string {
  return `${(mib / 1024).toFixed(1)} GiB`;
}
