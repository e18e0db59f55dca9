import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** An entry of a layer: a file unless `type` says otherwise. */
export interface Member {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** ustar's typeflag: 0 file, 1 hard link, 2 symbolic link, 5 directory. */
  readonly type?: "0" | "1" | "2" | "5";
  readonly target?: string;
  readonly mode?: number;
}

/** A tar archive as any tar writes it. */
export function tarOf(members: readonly Member[]): Buffer {
  const blocks = members.flatMap(({ name, content = "", type = "0", target = "", mode = type === "5" ? 0o755 : 0o644 }) => {
    const header = Buffer.alloc(512);
    const body = Buffer.from(content as string);
    header.write(name, 0);
    for (const [at, length, value] of [[100, 8, mode], [108, 8, process.getuid!()], [116, 8, process.getgid!()], [124, 12, body.length], [136, 12, 0]] as const)
      header.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at);
    header.write("        ", 148);
    header.write(type, 156);
    header.write(target, 157);
    header.write("ustar\x0000", 257, "latin1");
    header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `, 148);
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** Writes an OCI layout of these layers, as skopeo does. Resolves with the blobs' files, in order: the layers, the configuration, the manifest. */
export async function writeLayout(
  folder: string,
  layers: readonly (readonly Member[])[],
  architecture = "amd64",
  annotations?: Readonly<Record<string, string>>,
): Promise<string[]> {
  await mkdir(join(folder, "blobs/sha256"), { recursive: true });
  const files: string[] = [];
  const blob = async (bytes: Buffer, mediaType: string) => {
    const hex = createHash("sha256").update(bytes).digest("hex");
    files.push(join(folder, "blobs/sha256", hex));
    await writeFile(files.at(-1) as string, bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const archives = layers.map(tarOf);
  const packed = [];
  for (const archive of archives) packed.push(await blob(gzipSync(archive), "application/vnd.oci.image.layer.v1.tar+gzip"));
  const diffIds = archives.map((archive) => `sha256:${createHash("sha256").update(archive).digest("hex")}`);
  const about = { architecture, os: "linux", rootfs: { type: "layers", diff_ids: diffIds } };
  const config = await blob(Buffer.from(JSON.stringify(about)), "application/vnd.oci.image.config.v1+json");
  const manifest = { schemaVersion: 2, config, layers: packed, ...(annotations && { annotations }) };
  const top = await blob(Buffer.from(JSON.stringify(manifest)), "application/vnd.oci.image.manifest.v1+json");
  await writeFile(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [top] }));
  await writeFile(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  return files;
}
