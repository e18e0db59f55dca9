import { createHash, randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { download, upload } from "../../harness/shell/transfer.ts";
import { clock, type Way } from "./console-way.ts";

/** Random files, up and down each of these ways; how many did not come back as they went. */
export async function copies(folder: string, ways: readonly Way[], files: number, progress: (line: string) => void): Promise<number> {
  const signal = new AbortController().signal;
  const [there, back] = [join(folder, "there"), join(folder, "back")];
  const started = performance.now();
  let [wrong, bytesSent] = [0, 0];
  for (let index = 0; index < files; index++) {
    // From nothing to a megabyte, small ones more often: what breaks is at the edges.
    const bytes = randomBytes(index === 0 ? 1 << 20 : Math.floor(2 ** (Math.random() * 20)) - 1);
    await writeFile(there, bytes);
    for (const { get } of ways) {
      await upload(get, there, "/tmp/copy", signal);
      await download(get, "/tmp/copy", back, signal);
      if (!digest(await readFile(back)).equals(digest(bytes))) wrong++;
      await rm(back);
    }
    bytesSent += bytes.length;
    if ((index + 1) % 10 > 0 && index < files - 1) continue;
    const left = ((performance.now() - started) / (index + 1)) * (files - index - 1);
    const amount = `${(bytesSent / 1e6).toFixed(1)} MB`;
    progress(`${index + 1} of ${files} files, ${amount}, both ways on both lines, ${wrong} wrong; ${clock(left)} to go`);
  }
  return wrong;
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
