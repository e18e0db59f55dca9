import { deadline } from "../../model/deadline.ts";
import { HarnessError } from "../../model/errors.ts";
import type { Qmp, QmpEvent } from "../qmp.ts";

/** Devices of a machine are a few megabytes. */
const timeoutMs = 60_000;

interface MigrationInfo {
  readonly status?: string;
  readonly "error-desc"?: string;
  readonly "blocked-reasons"?: readonly string[];
}

/** Why the running machine's devices cannot be saved; undefined if they can. Source: QEMU qapi/migration.json, `query-migrate`. */
export async function saveObstacle(qmp: Qmp): Promise<string | undefined> {
  const { qemu } = await qmp.execute<{ qemu: { major: number; minor: number } }>("query-version");
  if (qemu.major < 9) return `QEMU ${qemu.major}.${qemu.minor} cannot fork a machine from a read-only memory file; 9.0 and newer can`;
  return (await qmp.execute<MigrationInfo>("query-migrate"))["blocked-reasons"]?.join("; ");
}

/** Writes the state of a stopped machine's devices and TPM to a file; its memory lies in a file already. Throws HarnessError. */
export async function saveDevices(qmp: Qmp, file: string, signal: AbortSignal): Promise<void> {
  await migrate(qmp, "migrate", file, signal);
}

/** Gives a QEMU started with `-incoming defer` the state of its devices. Throws HarnessError. */
export async function loadDevices(qmp: Qmp, file: string, signal: AbortSignal): Promise<void> {
  await migrate(qmp, "migrate-incoming", file, signal);
}

async function migrate(qmp: Qmp, command: "migrate" | "migrate-incoming", file: string, signal: AbortSignal): Promise<void> {
  const wait = deadline(`QEMU to ${command === "migrate" ? "save" : "restore"} its devices`, timeoutMs, signal);
  const capabilities = ["x-ignore-shared", "events"].map((capability) => ({ capability, state: true }));
  const ended = end(qmp, wait.signal);
  ended.catch(() => {});
  try {
    await qmp.execute("migrate-set-capabilities", { capabilities });
    await qmp.execute(command, { uri: `file:${file}` });
    await ended;
  } catch (error) {
    throw wait.explain(error);
  } finally {
    wait.clear();
  }
}

/** Resolves when the migration is complete, rejects when it fails or QEMU ends. */
function end(qmp: Qmp, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      qmp.off("event", listener);
      qmp.off("lost", lost);
      signal.removeEventListener("abort", abort);
      settle();
    };
    const listener = ({ event, data }: QmpEvent) => {
      if (event !== "MIGRATION") return;
      if (data["status"] === "completed") finish(resolve);
      if (data["status"] === "failed") void explain(qmp).then((error) => finish(() => reject(error)));
    };
    const lost = () => finish(() => reject(new HarnessError("OSB_MIGRATION", "QEMU ended while its devices were saved or restored")));
    const abort = () => finish(() => reject(signal.reason as Error));
    qmp.on("event", listener);
    qmp.on("lost", lost);
    signal.addEventListener("abort", abort, { once: true });
  });
}

async function explain(qmp: Qmp): Promise<HarnessError> {
  const info = await qmp.execute<MigrationInfo>("query-migrate").catch((): MigrationInfo => ({}));
  return new HarnessError("OSB_MIGRATION", `QEMU could not save or restore its devices: ${info["error-desc"] ?? "it did not say why"}`);
}
