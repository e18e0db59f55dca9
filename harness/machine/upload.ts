import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { HarnessError } from "../model/errors.ts";
import type { Shell } from "../model/shell.ts";
import { quote } from "../shell/quote.ts";

/** Copies a file of the host into the guest. Throws HarnessError unless the guest's sha256 of it is right. */
export async function upload(shell: Shell, hostFile: string, guestPath: string, signal: AbortSignal): Promise<void> {
  const bytes = await readFile(hostFile);
  const path = quote(guestPath);
  const { code, stderr, stdout } = await shell.run(`cat > ${path} && sha256sum < ${path}`, { stdin: bytes, signal, timeoutMs: 300_000 });
  const wanted = createHash("sha256").update(bytes).digest("hex");
  if (code !== 0 || !stdout.startsWith(wanted)) {
    throw new HarnessError("OSB_UPLOAD", `${hostFile} did not arrive whole at ${guestPath}`, {
      evidence: { exit: String(code), stdout, stderr, wanted },
    });
  }
}
