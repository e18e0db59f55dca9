import { EventEmitter } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import type { Examination, Hardware, HardwareEvents } from "../../harness/model/hardware.ts";
import { recordingFiles } from "../../harness/console/recorder.ts";

const file = join(import.meta.dirname, "../../images/broken-boots/recordings.br");

/** What one boot of the corpus said when it was really booted: what came over the serial line and from the monitor, and when, in milliseconds. */
export interface Replay {
  readonly id: string;
  readonly events: readonly (readonly [at: number, what: "said" | "reset" | "panic" | "off" | "watchdog", data: string])[];
}

/** The recordings kept with the corpus, by id. */
export async function loadReplays(): Promise<Map<string, Replay>> {
  const lines = brotliDecompressSync(await readFile(file))
    .toString()
    .trimEnd()
    .split("\n");
  return new Map(lines.map((line) => JSON.parse(line) as Replay).map((replay) => [replay.id, replay]));
}

/** Keeps the recordings of these evidence folders, by id, in place of earlier ones. */
export async function keepReplays(folders: ReadonlyMap<string, string>): Promise<void> {
  const replays = await loadReplays().catch(() => new Map<string, Replay>());
  for (const [id, folder] of folders) replays.set(id, { id, events: await readEvents(folder) });
  const text = [...replays.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).map((replay) => `${JSON.stringify(replay)}\n`);
  const whole = Buffer.from(text.join(""));
  // One stream with a window over all of it: boots say mostly the same.
  await writeFile(
    file,
    brotliCompressSync(whole, { params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: whole.length } }),
  );
}

async function readEvents(folder: string): Promise<Replay["events"]> {
  const events: [number, Replay["events"][number][1], string][] = [];
  const cast = (await readFile(join(folder, recordingFiles.cast), "utf8")).trimEnd().split("\n").slice(1);
  let at = 0;
  let began: number | undefined;
  for (const [seconds, kind, data] of cast.map((line) => JSON.parse(line) as [number, string, string])) {
    at += seconds * 1000;
    if (kind === "m") began ??= at;
    const last = events.at(-1);
    if (kind !== "o") continue;
    // A UART hands over characters: what comes within some milliseconds is one piece.
    if (last && at - last[0] < 5) last[2] += data;
    else events.push([Math.round(at), "said", data]);
  }
  const told = (await readFile(join(folder, "qmp.jsonl"), "utf8")).trimEnd().split("\n");
  const known = told.map((line) => JSON.parse(line) as { event: string; data: Record<string, unknown>; timestampUs: number });
  const start = known.find(({ event }) => event === "RESUME")?.timestampUs ?? 0;
  for (const { event, data, timestampUs } of known) {
    const when = Math.round((began ?? 0) + (timestampUs - start) / 1000);
    if (event === "RESET" && data["guest"] === true) events.push([when, "reset", ""]);
    else if (event === "GUEST_PANICKED") events.push([when, "panic", ""]);
    else if (event === "WATCHDOG") events.push([when, "watchdog", String(data["action"])]);
    else if (event === "SHUTDOWN" && data["guest"] === true) events.push([when, "off", String(data["reason"])]);
  }
  return events.sort((a, b) => a[0] - b[0]);
}

/** Hardware that does again what a recording says, in the time of this process's clock. Nobody can talk to what runs on it. */
export class ReplayHardware implements Hardware {
  readonly events = new EventEmitter<HardwareEvents>();
  readonly workspace: string;
  readonly provenance = {};
  powered = false;
  readonly #replay: Replay;
  readonly #doing: Examination["doing"];
  readonly #attach: ((line: Duplex) => void)[] = [];
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(replay: Replay, workspace: string, doing: Examination["doing"] = "unknown") {
    this.#replay = replay;
    this.#doing = doing;
    this.workspace = workspace;
  }

  onSerial(attach: (line: Duplex) => void): void {
    this.#attach.push(attach);
  }

  async powerOn(): Promise<void> {
    this.powered = true;
    const line = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
    for (const attach of this.#attach) attach(line);
    this.events.emit("on");
    for (const [at, what, data] of this.#replay.events) {
      const happen = {
        said: () => line.emit("data", Buffer.from(data)),
        off: () => this.#off(`the guest switched off (${data})`, "guest"),
      };
      const tell = {
        reset: () => this.events.emit("reset"),
        panic: () => this.events.emit("panic"),
        watchdog: () => this.events.emit("watchdog", data),
      };
      this.#timers.push(setTimeout({ ...happen, ...tell }[what], at));
    }
  }

  async cutPower(): Promise<void> {
    if (this.powered) this.#off("power was cut", "plug");
  }

  port(): undefined {
    return undefined;
  }

  async sshAddress(): Promise<undefined> {
    return undefined;
  }

  serve(): void {}

  async examine(): Promise<Examination> {
    return { doing: this.#doing, words: "this is a recording" };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cutPower();
  }

  #off(reason: string, by: "guest" | "plug"): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.powered = false;
    this.events.emit("off", reason, by);
  }
}
