import { open, rename, rm } from "node:fs/promises";

const most = 1024 * 1024;

/** Writes a file text by text, holding little; it appears when it is whole. */
export async function writeLines(file: string, texts: () => Iterable<string> | AsyncIterable<string>): Promise<void> {
  const draft = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  const handle = await open(draft, "wx");
  try {
    let held: string[] = [];
    let length = 0;
    for await (const text of texts()) {
      held.push(text);
      length += text.length;
      if (length < most) continue;
      await handle.writeFile(held.join(""));
      held = [];
      length = 0;
    }
    await handle.writeFile(held.join(""));
    await handle.close();
    await rename(draft, file);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(draft, { force: true });
    throw error;
  }
}
