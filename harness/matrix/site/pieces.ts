import { createHash } from "node:crypto";
import { mkdtemp, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";

/**
 * Files of a site that the page loads when it needs them, each a script that hands over one text: a script is all that a page
 * opened from a disk may load. They are written into a folder of their own, which gets its name, a digest of everything in it,
 * when all are there; so a page never meets pieces of another build.
 */
export class Pieces {
  readonly #root: string;
  readonly #folder: string;
  readonly #hash = createHash("sha256");
  readonly #known = new Set<string>();
  #bytes = 0;

  private constructor(root: string, folder: string) {
    this.#root = root;
    this.#folder = folder;
  }

  static async in(site: string): Promise<Pieces> {
    const root = path.join(site, "data");
    await mkdir(root, { recursive: true });
    return new Pieces(root, await mkdtemp(path.join(root, ".building-")));
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Says whether a piece of this name is there; names of evidence are its digest. */
  has(name: string): boolean {
    return this.#known.has(name);
  }

  /** Writes a piece that the page reads as JSON. */
  async json(name: string, value: unknown): Promise<void> {
    await this.#write(name, JSON.stringify(value), false);
  }

  /** Writes a long piece that the page reads as JSON, packed. */
  async longJson(name: string, value: unknown): Promise<void> {
    await this.text(name, Buffer.from(JSON.stringify(value)));
  }

  /** Writes a piece named by its own digest, and returns the name. */
  async jsonByDigest(kind: string, value: unknown): Promise<string> {
    const text = JSON.stringify(value);
    const name = `${kind}-${createHash("sha256").update(text).digest("hex").slice(0, 40)}`;
    await this.text(name, Buffer.from(text));
    return name;
  }

  /** Writes a piece that the page reads as text. */
  async text(name: string, bytes: Uint8Array): Promise<void> {
    await this.#write(name, gzipSync(bytes, { level: 6 }).toString("base64"), true);
  }

  /** Gives the folder its name and takes the pieces of older builds away. Returns its path relative to the site. */
  async finish(index: string): Promise<string> {
    const name = this.#hash.update(index).digest("hex").slice(0, 16);
    const folder = path.join(this.#root, name);
    await rm(folder, { recursive: true, force: true });
    await rename(this.#folder, folder);
    return `data/${name}`;
  }

  /** Takes away the pieces of older builds, and those of builds that were cut short. */
  async removeOthers(kept: string): Promise<void> {
    for (const name of await readdir(this.#root)) {
      if (name === path.basename(kept) || !/^(?:\.building-.*|[0-9a-f]{16})$/.test(name)) continue;
      await rm(path.join(this.#root, name), { recursive: true, force: true });
    }
  }

  async abandon(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #write(name: string, text: string, packed: boolean): Promise<void> {
    if (this.#known.has(name)) return;
    this.#known.add(name);
    // As text inside a script: an object literal would make a prototype of what a guest named `__proto__`.
    const content = `osbench(${JSON.stringify(name)},${JSON.stringify(text)}${packed ? ",1" : ""});\n`;
    this.#hash.update(content);
    this.#bytes += content.length;
    await writeFile(path.join(this.#folder, `${name}.js`), content);
  }
}
