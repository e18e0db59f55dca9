import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, type Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { z } from "zod";
import { InputError } from "../model/errors.ts";
import type { Architecture } from "../model/target.ts";
import { applyLayer, LayerRefused } from "./oci-layer.ts";
import { readTar } from "./tar.ts";

const descriptor = z.object({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.number().int(),
  platform: z.object({ architecture: z.string() }).optional(),
});
const index = z.object({ manifests: z.array(descriptor).min(1) });
const manifest = z.object({
  config: descriptor,
  layers: z.array(descriptor).min(1),
  annotations: z.record(z.string(), z.string()).default({}),
});
const config = z.object({ architecture: z.string(), rootfs: z.object({ diff_ids: z.array(z.string()) }) });

type Descriptor = z.infer<typeof descriptor>;

/** What OCI calls an architecture (Go's GOARCH). */
const names: Readonly<Record<Architecture, string>> = { x86_64: "amd64", aarch64: "arm64", riscv64: "riscv64" };

const unpackers: Readonly<Record<string, () => Duplex>> = {
  tar: () => new PassThrough(),
  "tar+gzip": () => createGunzip(),
  "tar+zstd": () => createZstdDecompress(),
};

/** An image of an OCI layout: its layers, bottom first. */
export interface OciImage {
  readonly folder: string;
  /** Of its manifest: names the image and everything in it. */
  readonly digest: string;
  readonly layers: readonly (Descriptor & { readonly diffId: string })[];
  /** Of its manifest. Source: OCI image specification, annotations.md. */
  readonly annotations: Readonly<Record<string, string>>;
}

function refuse(folder: string, what: string, remedy = "Make or fetch the image again."): InputError {
  return new InputError([{ at: { file: folder }, what, remedy }], "OSB_OCI");
}

/** Finds the image of an architecture in an OCI layout folder. Throws InputError `OSB_OCI`. Source: OCI image specification, image-layout.md. */
export async function readOci(folder: string, arch: Architecture): Promise<OciImage> {
  if (!existsSync(join(folder, "oci-layout")))
    throw refuse(folder, "is no OCI layout: it has no file oci-layout", "Name the folder skopeo or mkosi wrote.");
  const top = parse(folder, "index.json", await readFile(join(folder, "index.json")).catch(() => Buffer.from("")), index);
  let found = choose(folder, top.manifests, arch);
  if (found.mediaType.includes(".index.")) {
    const bytes = await blob(folder, found);
    // Some writers call a manifest an index: what it holds tells.
    const inner = index.safeParse(json(bytes));
    if (inner.success) found = choose(folder, inner.data.manifests, arch);
  }
  const { config: about, layers, annotations } = parse(folder, found.digest, await blob(folder, found), manifest);
  const { architecture, rootfs } = parse(folder, about.digest, await blob(folder, about), config);
  if (architecture !== names[arch])
    throw refuse(
      folder,
      `is an image for ${architecture}, the target is ${arch} (${names[arch]})`,
      "Give an image of the target's architecture.",
    );
  if (rootfs.diff_ids.length !== layers.length)
    throw refuse(folder, `has ${layers.length} layers, its configuration names ${rootfs.diff_ids.length}`);
  for (const layer of layers) {
    if (!existsSync(blobFile(folder, layer))) throw missing(folder, layer);
  }
  return {
    folder,
    digest: found.digest.slice("sha256:".length),
    layers: layers.map((layer, number) => ({ ...layer, diffId: rootfs.diff_ids[number] as string })),
    annotations,
  };
}

/** Lays the image's root in an empty folder, layer upon layer; each layer's digests are checked. Throws InputError `OSB_OCI`. */
export async function layRoot({ folder, layers }: OciImage, root: string): Promise<void> {
  for (const [number, layer] of layers.entries()) {
    const unpack = unpackerOf(layer);
    const words = `layer ${number + 1} of ${layers.length} (${layer.digest})`;
    if (!unpack) throw refuse(folder, `${words} is ${layer.mediaType}, which osbench does not know`, "Known are plain tar, gzip and zstd.");
    // Before any of it is believed.
    const digest = await digestOf(blobFile(folder, layer));
    if (digest !== layer.digest) throw refuse(folder, `${words} has the digest ${digest}`);
    const unpacked = unpack();
    const reading = pipeline(createReadStream(blobFile(folder, layer)), unpacked);
    try {
      await Promise.all([applyLayer(unpacked, root), reading]);
    } catch (error) {
      unpacked.destroy();
      await reading.catch(() => {});
      throw refuse(
        folder,
        `${words} ${error instanceof LayerRefused ? "" : "cannot be unpacked: "}${(error as Error).message}`,
        error instanceof LayerRefused ? "Nothing outside the root is touched; do not use this image." : "Make or fetch the image again.",
      );
    }
  }
}

/** Whether a layer of the image brings a kernel where bootable containers have theirs. Reads all of them; nothing is checked or written. */
export async function carriesKernel({ folder, layers }: OciImage): Promise<boolean> {
  for (const layer of layers) {
    const unpack = unpackerOf(layer)?.();
    if (!unpack) continue;
    const reading = pipeline(createReadStream(blobFile(folder, layer)), unpack).catch(() => {});
    let found = false;
    try {
      for await (const { name } of readTar(unpack)) if ((found ||= /^(?:\.?\/)?usr\/lib\/modules\/[^/]+\/vmlinuz$/.test(name))) break;
    } finally {
      unpack.destroy();
      await reading;
    }
    if (found) return true;
  }
  return false;
}

function unpackerOf({ mediaType }: Descriptor): (() => Duplex) | undefined {
  return unpackers[/tar(?:[+.](?:gzip|zstd))?$/.exec(mediaType)?.[0].replace(".", "+") ?? ""];
}

function choose(folder: string, all: readonly Descriptor[], arch: Architecture): Descriptor {
  const fits = all.filter(({ platform }) => platform === undefined || platform.architecture === names[arch]);
  if (fits[0]) return fits[0];
  const offered = all.map(({ platform }) => platform?.architecture ?? "unknown").join(", ");
  throw refuse(
    folder,
    `holds images for ${offered}, the target is ${arch} (${names[arch]})`,
    "Give an image of the target's architecture.",
  );
}

function blobFile(folder: string, { digest }: Descriptor): string {
  return join(folder, "blobs", ...digest.split(":"));
}

function missing(folder: string, { digest, mediaType }: Descriptor): InputError {
  return refuse(folder, `lacks the blob ${digest} (${mediaType})`, "Was it copied whole? skopeo copy --all takes every blob along.");
}

async function blob(folder: string, one: Descriptor): Promise<Buffer> {
  const bytes = await readFile(blobFile(folder, one)).catch(() => undefined);
  if (!bytes) throw missing(folder, one);
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  if (digest !== one.digest) throw refuse(folder, `the blob ${one.digest} has the digest ${digest}`);
  return bytes;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return `sha256:${hash.digest("hex")}`;
}

function json(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

function parse<T>(folder: string, name: string, bytes: Buffer, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(json(bytes));
  if (!parsed.success) throw refuse(folder, `${name} is not what the OCI image specification says: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
