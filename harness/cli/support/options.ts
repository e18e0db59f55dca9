import { Option } from "commander";
import type { ToolsPlace } from "../../model/context.ts";
import { architectures } from "../../model/target.ts";

/** `--tools`, the same on every command that uses tools. */
export function toolsOption(): Option {
  const kinds: ToolsPlace["kind"][] = ["toolbox", "host"];
  return new Option("--tools <place>", "where QEMU, swtpm, firmware and mkosi come from").choices(kinds).default("toolbox");
}

/** `--arch`, the same on every command that makes something for one architecture. */
export function archOption(): Option {
  return new Option("--arch <architecture>", "architecture of the image (default: the host's, or the first the image is made for)").choices(
    architectures,
  );
}
