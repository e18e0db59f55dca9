import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Flash of a smaller machine is not worth looking at. */
const leastBytes = 16 * 2 ** 20;
const stepBytes = 2 ** 20;

/**
 * Makes holes of the zeros that firmware images below a folder end with: 61 of the 64 MiB of an aarch64 machine's. QEMU keeps flash in memory of its own,
 * and reads no holes into it. Times of the files stay.
 */
export async function makeHoles(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".fd")) continue;
    await makeHole(join(entry.parentPath, entry.name));
  }
}

async function makeHole(path: string): Promise<void> {
  const { size, blocks, atime, mtime } = await stat(path);
  if (size < leastBytes || blocks * 512 < size) return;
  const file = await open(path, "r+");
  try {
    let end = size;
    const [bytes, zeros] = [Buffer.alloc(stepBytes), Buffer.alloc(stepBytes)];
    for (; end > 0; end -= stepBytes) {
      const from = Math.max(0, end - stepBytes);
      const { bytesRead } = await file.read(bytes, 0, end - from, from);
      if (!bytes.subarray(0, bytesRead).equals(zeros.subarray(0, bytesRead))) break;
    }
    if (end === size || end <= 0) return;
    // The file is nobody's yet: nobody sees it short.
    await file.truncate(end);
    await file.truncate(size);
    await file.utimes(atime, mtime);
  } finally {
    await file.close();
  }
}
