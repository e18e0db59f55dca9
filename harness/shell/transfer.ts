import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { appendFile, open, rename, rm, stat } from "node:fs/promises";
import { HarnessError } from "../model/errors.ts";
import type { Shell } from "../model/shell.ts";
import { cksum } from "./cksum.ts";
import { quote } from "./quote.ts";

/** Gives a shell that answers: the one that is open, or a new one after it was lost. */
export type GetShell = () => Promise<Shell>;

/** One command each; what is lost with a line is at most this. */
const chunkLengths = { channel: 4 << 20, ssh: 4 << 20, serial: 256 << 10 } as const;
const chunkTimeoutMs = 300_000;
/** In a row, without anything having come through. */
const attempts = 5;
const passing = ["OSB_SHELL_LOST", "OSB_SERIAL_NOISE", "OSB_TIMEOUT"];

/**
 * Copies a file of the host into the guest. What was cut off, by damage or a lost line, goes on behind the last whole chunk,
 * also in a later call. The file has its name only when its sum, sha256 or cksum, is right. Throws HarnessError.
 */
export async function upload(getShell: GetShell, hostFile: string, guestPath: string, signal: AbortSignal): Promise<void> {
  const { size } = await stat(hostFile);
  const digest = await sums.sha256sum(hostFile, size);
  const part = quote(`${guestPath}.osbench-${digest.slice(0, 12)}`);
  await persist(getShell, signal, async (shell, progress) => {
    const tool = await sumTool(shell, signal);
    const ask = async (script: string, stdin?: Uint8Array) => await must(shell, script, signal, stdin);
    const there = Number(await ask(`[ ! -e ${part} ] || wc -c <${part}`));
    let offset = 0;
    if (there > 0 && there <= size && (await ask(`${tool} <${part}`)).split(" -")[0]?.trim() === (await sums[tool](hostFile, there)))
      offset = there;
    else await ask(`: >${part}`);
    const file = await open(hostFile);
    try {
      while (offset < size) {
        const chunk = Buffer.alloc(Math.min(chunkLengths[shell.way], size - offset));
        await file.read(chunk, 0, chunk.length, offset);
        const length = Number(await ask(`cat >>${part} && wc -c <${part}`, chunk));
        if (length !== offset + chunk.length) throw wrong(`${hostFile} did not arrive whole at ${guestPath}`, { bytes: String(length) });
        offset = length;
        progress();
      }
    } finally {
      await file.close();
    }
    const seen = await ask(`${tool} <${part}`);
    const wanted = await sums[tool](hostFile, size);
    if (!seen.startsWith(wanted)) {
      await ask(`rm -f ${part}`);
      throw wrong(`${hostFile} did not arrive whole at ${guestPath}`, { seen, wanted });
    }
    await ask(`mv -f ${part} ${quote(guestPath)}`);
  });
}

/** Copies a file of the guest to the host, in the same manner. A file that changes meanwhile is an error. Throws HarnessError. */
export async function download(getShell: GetShell, guestPath: string, hostFile: string, signal: AbortSignal): Promise<void> {
  const path = quote(guestPath);
  const part = `${hostFile}.osbench-part`;
  await persist(getShell, signal, async (shell, progress) => {
    const tool = await sumTool(shell, signal);
    const ask = async (script: string) => await must(shell, script, signal);
    const size = Number(await ask(`wc -c <${path}`));
    let offset = await stat(part).then(
      (found) => found.size,
      () => 0,
    );
    const begins = async () => (await ask(`head -c ${offset} <${path} | ${tool}`)).startsWith(await sums[tool](part, offset));
    if (offset > 0 && (offset > size || !(await begins()))) offset = 0;
    if (offset === 0) await rm(part, { force: true });
    if (size === 0) await appendFile(part, "");
    while (offset < size) {
      const length = chunkLengths[shell.way];
      // Blocks of the chunk's size from its beginning; the first may begin where an earlier call ended.
      const from =
        offset % length === 0
          ? `dd if=${path} bs=${length} skip=${offset / length} count=1 2>/dev/null`
          : `tail -c +${offset + 1} <${path} | head -c ${length - (offset % length)}`;
      const { stdoutBytes } = await shell.run(from, { signal, timeoutMs: chunkTimeoutMs });
      if (stdoutBytes.length === 0)
        throw wrong(`${guestPath} became shorter while it was read`, { wanted: String(size), got: String(offset) });
      await appendFile(part, stdoutBytes);
      offset += stdoutBytes.length;
      progress();
    }
    const seen = await ask(`${tool} <${path}`);
    const got = await sums[tool](part, offset);
    if (!seen.startsWith(got)) {
      await rm(part, { force: true });
      throw wrong(`${guestPath} did not arrive whole at ${hostFile}`, { seen, got });
    }
    await rename(part, hostFile);
  });
}

const sums = {
  async sha256sum(file: string, length: number): Promise<string> {
    const hash = createHash("sha256");
    for await (const chunk of bytesOf(file, length)) hash.update(chunk);
    return hash.digest("hex");
  },
  async cksum(file: string, length: number): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of bytesOf(file, length)) chunks.push(chunk);
    return `${cksum(Buffer.concat(chunks))} ${length}`;
  },
} as const;

async function* bytesOf(file: string, length: number): AsyncGenerator<Buffer> {
  if (length > 0) for await (const chunk of createReadStream(file, { end: length - 1 })) yield chunk as Buffer;
}

async function sumTool(shell: Shell, signal: AbortSignal): Promise<keyof typeof sums> {
  const { stdout } = await shell.run("command -v sha256sum || command -v cksum", { signal });
  for (const tool of ["sha256sum", "cksum"] as const) if (stdout.includes(tool)) return tool;
  throw new HarnessError("OSB_TRANSFER_SUM", "the guest has neither sha256sum nor cksum: nothing could show that a file came over whole");
}

async function must(shell: Shell, script: string, signal: AbortSignal, stdin?: Uint8Array): Promise<string> {
  const result = await shell.run(script, { signal, timeoutMs: chunkTimeoutMs, ...(stdin && { stdin }) });
  if (result.code !== 0)
    throw wrong(`\`${script}\` failed in the guest`, { exit: String(result.code), stdout: result.stdout, stderr: result.stderr });
  return result.stdout.trim();
}

/** Goes on after what passes, as long as something comes through in between. */
async function persist(
  getShell: GetShell,
  signal: AbortSignal,
  work: (shell: Shell, progress: () => void) => Promise<void>,
): Promise<void> {
  for (let failures = 0; ;) {
    try {
      return await work(await getShell(), () => (failures = 0));
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HarnessError) || !passing.includes(error.code) || ++failures >= attempts) throw error;
    }
  }
}

function wrong(message: string, evidence: Record<string, string>): HarnessError {
  return new HarnessError("OSB_TRANSFER", message, { evidence });
}
