import { rename, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";

/** A JSON object written member by member, one of them a list item by item; the file appears when it is whole. */
export class JsonFile {
  readonly #file: string;
  readonly #draft: string;
  readonly #handle: FileHandle;
  readonly #list: string;
  #held = "";
  #items = 0;

  private constructor(file: string, list: string, draft: string, handle: FileHandle) {
    this.#file = file;
    this.#list = list;
    this.#draft = draft;
    this.#handle = handle;
  }

  static async create(file: string, list: string): Promise<JsonFile> {
    const draft = `${file}.${process.pid}.tmp`;
    return new JsonFile(file, list, draft, await open(draft, "w"));
  }

  open(members: Readonly<Record<string, unknown>>): void {
    this.#held = `{\n${Object.entries(members).map(member).join("")}  ${JSON.stringify(this.#list)}: [`;
  }

  async item(value: unknown): Promise<void> {
    this.#held += `${this.#items++ === 0 ? "" : ","}\n    ${JSON.stringify(value)}`;
    if (this.#held.length > 1024 * 1024) await this.#write();
  }

  async close(members: Readonly<Record<string, unknown>>): Promise<void> {
    this.#held += `\n  ],\n${Object.entries(members).map(member).join("").replace(/,\n$/, "\n")}}\n`;
    await this.#write();
    await this.#handle.close();
    await rename(this.#draft, this.#file);
  }

  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(this.#draft, { force: true });
  }

  async #write(): Promise<void> {
    const text = this.#held;
    this.#held = "";
    await this.#handle.writeFile(text);
  }
}

function member([name, value]: readonly [string, unknown]): string {
  return `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`;
}
