import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { temporaryFolder } from "../../model/testdata/temporary.ts";
import { bytesSource, type ByteSource } from "../source.ts";

const unpacked = new Map<string, Buffer>();

/** The bytes of a sample, unpacked; a copy the test may change. */
export function sampleBytes(name: string): Buffer {
  const file = join(import.meta.dirname, name);
  const bytes = unpacked.get(name) ?? (name.startsWith("addon") || name.endsWith(".txt") ? readFileSync(file) : gunzipSync(readFileSync(`${file}.gz`)));
  unpacked.set(name, bytes);
  return Buffer.from(bytes);
}

export function sample(name: string): ByteSource {
  return bytesSource(name, sampleBytes(name));
}

/** A sample, or other bytes, as a file that lives as long as the test. */
export function sampleFile(name: string, bytes: Uint8Array = sampleBytes(name)): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, bytes);
  return file;
}

/** Digests `pesign --hash` printed for the samples, by name. */
export function authenticodeOf(name: string): string {
  const line = sampleBytes("authenticode.txt").toString().split("\n").find((candidate) => candidate.startsWith(`${name} `));
  return line?.split(" ")[1] ?? "";
}
