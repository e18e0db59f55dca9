import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { architectures } from "../model/target.ts";
import { refusalOf } from "./bootable.ts";
import { inspectProgram, type ImageInspection, type Startable } from "./inspection.ts";
import { withFile } from "./source.ts";
import { survey } from "./survey.ts";

/** Looks for EFI programs in a folder that firmware may start from over the network. Files are only read as far as their headers. */
export async function inspectTree(folder: string): Promise<ImageInspection> {
  const problems: string[] = [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(paths.sort().map(async (path) => ({ path, size: (await stat(path)).size })));
  const programs: ImageInspection["programs"][number][] = [];
  const startable: Startable[] = [];
  for (const { path } of files.filter(({ path: name, size }) => size > 0 && /\.efi$/i.test(name))) {
    const place = relative(folder, path);
    await withFile(path, (source) => {
      const found = survey(source);
      const program = found.programs[0];
      if (!program) return;
      programs.push(inspectProgram({ ...program, path: place }, problems));
      for (const architecture of architectures.filter((arch) => refusalOf(found, arch) === undefined)) {
        const target = architecture === architectures[0] ? "" : ` --target ${architecture}`;
        startable.push({ architecture, starts: true, words: `osbench boot ${folder} --netboot ${place}${target}` });
      }
    });
  }
  if (programs.length === 0) problems.push("no file in it is an EFI program (*.efi) that firmware could fetch");
  return {
    ...{ file: folder, form: programs.length > 0 ? "netboot" : "other", format: "folder", words: "a folder" },
    size: files.reduce((sum, { size }) => sum + size, 0),
    ...{ diskSize: undefined, table: undefined, sectorSize: undefined, partitions: [], bios: undefined, ukis: [] },
    files: [],
    architectures: [...new Set(startable.map(({ architecture }) => architecture))].toSorted(),
    ...{ programs, startable, problems },
  };
}
