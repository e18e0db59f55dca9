import type { Command } from "commander";
import type { ImageInspection, InspectedUki } from "../image/inspection.ts";
import type { PeSignature } from "../image/signature.ts";

/** Adds `osbench inspect`. */
export function register(program: Command): void {
  program
    .command("inspect")
    .description(
      "say what an image is: form, architecture, partitions, loaders and who signed them, unified kernel images, where osbench can start it",
    )
    .argument(
      "<file>",
      "disk image, ISO, unified kernel image, EFI program, kernel, container image, or a folder to start from over the network",
    )
    .option("--json", "print everything as JSON on standard output")
    .action(inspect);
}

async function inspect(file: string, flags: { json?: boolean }): Promise<void> {
  const { inspectImage } = await import("../image/inspect.ts");
  const inspection = await inspectImage(file);
  console.log(flags.json ? JSON.stringify(inspection, undefined, 2) : sheet(inspection));
}

const largestListing = 40;

function sheet(found: ImageInspection): string {
  const starts = found.architectures.length > 0 ? `starts on ${found.architectures.join(", ")}` : "";
  const disk = found.diskSize === undefined || found.diskSize === found.size ? "" : `, disk of ${bytes(found.diskSize)}`;
  const facts = [found.words, `${bytes(found.size)}${disk}`, starts].filter(Boolean).join(", ");
  const table = found.table === undefined || found.table === "none" ? "" : ` (${found.table}, sectors of ${found.sectorSize} bytes)`;
  const files = found.files.slice(0, largestListing).map(({ partition, path, size }) => [String(partition), path, bytes(size)]);
  const more = found.files.length - files.length;
  return [
    `${found.file}: ${facts}`,
    section(
      `partitions${table}`,
      found.partitions.map(({ number, type, name, offset, size, fileSystem }) => [
        String(number),
        type,
        name,
        `${bytes(size)} at ${bytes(offset)}`,
        fileSystem ?? "",
      ]),
    ),
    section(
      "EFI programs",
      found.programs.map(({ path, loader, machine, signatures, problem }) => [
        path,
        loader ?? "",
        machine ?? "not startable",
        problem ?? (signatures.map(signedBy).join("; ") || "unsigned"),
      ]),
    ),
    section("BIOS", found.bios === undefined ? [] : [["starts", found.bios]]),
    ...found.ukis.map(uki),
    section(
      "osbench starts it",
      found.startable.map(({ architecture, starts, words }) => [architecture, starts ? words : `no: it ${words}`]),
    ),
    section("files UEFI can read", more > 0 ? [...files, ["", `and ${more} more (--json lists all)`]] : files),
    section(
      "problems",
      found.problems.map((problem) => [problem]),
    ),
  ]
    .filter(Boolean)
    .join("\n\n");
}

function signedBy({ subject, fingerprint, matches }: PeSignature): string {
  return `signed by ${subject} (sha256 ${fingerprint.slice(0, 16)}…)${matches ? "" : ", and changed afterwards"}`;
}

function uki({ path, osRelease, uname, cmdline, sections, signed }: InspectedUki): string {
  const rows = [
    ["os", [osRelease["NAME"] ?? osRelease["ID"], osRelease["IMAGE_VERSION"] ?? osRelease["VERSION_ID"]].filter(Boolean).join(" ")],
    ["kernel", uname ?? ""],
    ["command line", cmdline ?? ""],
    ["signed", signed ? "yes" : "no"],
    ["sections", sections.map(({ name, size }) => `${name} ${bytes(size)}`).join(", ")],
  ];
  return section(
    `unified kernel image ${path}`,
    rows.filter(([, text]) => text !== ""),
  );
}

/** A titled table with aligned columns; nothing at all for no rows. */
function section(title: string, rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd());
  return [title, ...lines].join("\n");
}

function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = count < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(count) / 10));
  const value = count / 1024 ** power;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${units[power]}`;
}
