import { relative } from "node:path";
import type { Command } from "commander";
import type { ToolsPlace } from "../model/context.ts";
import type { Architecture } from "../model/target.ts";
import { interruptSignal } from "./support/interrupt.ts";
import { archOption, toolsOption } from "./support/options.ts";

interface BuildFlags {
  readonly arch?: Architecture;
  readonly tools: ToolsPlace["kind"];
  readonly json?: boolean;
}

/** Adds `osbench build`. */
export function register(program: Command): void {
  program
    .command("build")
    .description("build an image, or find it in the cache, and say where it stands")
    .argument("<image>", "name of an image below images/, or path of a folder with an image.yaml")
    .addOption(archOption())
    .addOption(toolsOption())
    .option("--json", "print the image as JSON on standard output")
    .action(build);
}

async function build(nameOrPath: string, flags: BuildFlags): Promise<void> {
  const [{ openTools }, { findImage }, { buildImage }, { hostArchitecture }] = await Promise.all([
    import("../host/toolbox.ts"),
    import("../image/manifest.ts"),
    import("../image/build.ts"),
    import("../host/hardware.ts"),
  ]);
  const signal = interruptSignal();
  const progress = (line: string) => console.error(line);
  const found = await findImage(nameOrPath, { flag: "IMAGE" });
  const { architectures } = found.manifest;
  const host = hostArchitecture();
  const arch = flags.arch ?? (host && architectures.includes(host) ? host : (architectures[0] as Architecture));
  const tools = await openTools(flags.tools, { progress, signal });
  const started = performance.now();
  const image = await buildImage(found, { arch, tools, progress, signal });
  if (flags.json) return console.log(JSON.stringify(image, undefined, 2));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${image.name} for ${arch}, version ${image.manifest.versions.map((one) => one.version).join(", ")}, ready in ${seconds} s: ${relative("", image.folder)}`,
  );
}
