import { Option } from "commander";
import type { ToolsPlace } from "../../model/context.ts";
import { architectures } from "../../model/target.ts";

/** `--tools`, the same on every command that uses tools. */
export function toolsOption(): Option {
  const kinds: ToolsPlace["kind"][] = ["toolbox", "host"];
  return new Option("--tools <place>", "where QEMU, swtpm, firmware and mkosi come from").choices(kinds).default("toolbox");
}

/** `--target`, the same on every command that opens one machine. */
export function targetOption(): Option {
  return new Option("-t, --target <target>", "name of a target, or path of your own target.yaml").default("x86_64");
}

/** `--set`, the same on every command that takes targets. */
export function setOption(): Option {
  return new Option(
    "--set <key=value>",
    "change a key of every target, e.g. disk.bus=nvme, tpm=none or firmware.keys=none; repeatable (docs/adding-a-target.md lists the keys)",
  )
    .argParser(append)
    .default([], "none");
}

/** `--signatures`, the same on every command that boots machines. */
export function signaturesOption(): Option {
  return new Option("--signatures <file>", "what console lines mean, beyond and over the built-in signatures; repeatable")
    .argParser(append)
    .default([], "none");
}

/** For options that may be given several times. */
export function append(value: string, before: string[]): string[] {
  return [...before, value];
}

/** `--arch`, the same on every command that makes something for one architecture. */
export function archOption(): Option {
  return new Option("--arch <architecture>", "architecture of the image (default: the host's, or the first the image is made for)").choices(
    architectures,
  );
}
