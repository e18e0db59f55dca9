import { stat } from "node:fs/promises";
import { architectures, type Architecture } from "../model/target.ts";
import { refusalOf } from "./bootable.ts";
import { recognise } from "./form.ts";
import { inspectContainer } from "./inspect-container.ts";
import { noting, withFile } from "./source.ts";
import { inRemovablePath, survey, type EfiProgram, type Survey } from "./survey.ts";
import { treeFolder } from "./tree-archive.ts";
import { inspectTree } from "./network-tree.ts";
import { inspectProgram, type ImageInspection, type InspectedPartition, type InspectedUki, type Startable } from "./inspection.ts";
import { describeUki, isUki } from "./uki.ts";

/**
 * Inspects an image: a file, what a container is made of, or a folder firmware may start from over the network. Throws InputError if it cannot be read at all; whatever is wrong inside is
 * listed in `problems`.
 */
export async function inspectImage(file: string): Promise<ImageInspection> {
  const folder = (await isTar(file)) ? await treeFolder(file) : file;
  if ((await stat(folder).catch(() => undefined))?.isDirectory()) {
    const container = await inspectContainer(file, folder);
    if (container) return container;
    if (folder === file) return await inspectTree(file);
  }
  return await withFile(file, (source) => {
    const found = survey(source);
    const problems = [...found.problems];
    const ukis = found.programs.flatMap((program) => noting(problems, () => inspectUki(program)) ?? []);
    const { recognised, disk, programs } = found;
    return {
      file,
      form: recognised.form === "efi" && ukis.length > 0 ? "uki" : recognised.form,
      format: recognised.format,
      words: recognised.form === "efi" && ukis.length > 0 ? "a unified kernel image" : recognised.words,
      size: source.size,
      diskSize: found.diskSize,
      table: disk?.table,
      sectorSize: disk?.sectorSize,
      partitions: partitionsOf(found),
      files: noting(problems, () => filesOf(found)) ?? [],
      architectures: architecturesOf(programs),
      programs: programs.map((program) => inspectProgram(program, problems)),
      bios: found.bios,
      startable: startableOn(found, file),
      ukis,
      problems,
    };
  });
}

async function isTar(file: string): Promise<boolean> {
  if (!(await stat(file).catch(() => undefined))?.isFile()) return false;
  return await withFile(file, (source) => recognise(source, () => true).format === "tar");
}

/** Where osbench can start it; the reasons are those a run gives. */
function startableOn(found: Survey, file: string): Startable[] {
  return architectures.map((architecture) => {
    const refusal = refusalOf(found, architecture);
    const words = refusal?.what ?? `osbench boot ${file}${architecture === architectures[0] ? "" : ` --target ${architecture}`}`;
    return { architecture, starts: refusal === undefined, words };
  });
}

function inspectUki({ partition, path, pe }: EfiProgram): InspectedUki[] {
  return pe && isUki(pe) ? [{ partition, path, ...describeUki(pe) }] : [];
}

function partitionsOf({ disk }: Survey): InspectedPartition[] {
  const partitions = disk?.partitions.map(({ number, type, name, offset, size, fat }) => ({
    number,
    type,
    name,
    offset,
    size,
    fileSystem: fat?.type,
  }));
  return (partitions ?? []).toSorted((a, b) => a.number - b.number);
}

function filesOf({ disk }: Survey): ImageInspection["files"] {
  return (disk?.partitions ?? []).flatMap(({ number, fat }) =>
    [...(fat?.walk() ?? [])].map(({ path, size }) => ({ partition: number, path, size })),
  );
}

function architecturesOf(programs: readonly EfiProgram[]): Architecture[] {
  const startable = programs.filter((program) => program.partition === undefined || inRemovablePath(program));
  return [...new Set(startable.flatMap(({ pe }) => pe?.architecture ?? []))].toSorted();
}
