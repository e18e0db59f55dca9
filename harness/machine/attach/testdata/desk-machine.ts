import { EventEmitter } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { duplexPair, type Duplex } from "node:stream";
import { onTestFinished } from "vitest";
import type { Hardware } from "../../../model/hardware.ts";
import type { Machine } from "../../machine.ts";
import { AttachPoint } from "../point.ts";

/** A machine's socket with nobody but the test behind it: for tests of what people meet there. */
export interface DeskMachine {
  readonly point: AttachPoint;
  readonly name: string;
  /** The guest's end of the serial line. */
  readonly guest: Duplex;
  /** What was typed so far. */
  readonly typed: string;
  /** Commands that were run in it; each ends with 3. */
  readonly commands: readonly string[];
  /** The machine is gone. */
  end(): void;
}

/** Opens one for the running test, found as any other machine of this host. */
export async function deskMachine({ writable }: { readonly writable: boolean }): Promise<DeskMachine> {
  const folder = mkdtempSync(join(tmpdir(), `osb-vm-${process.pid}-`));
  const life = new AbortController();
  onTestFinished(() => {
    life.abort();
    rmSync(folder, { recursive: true, force: true });
  });
  const [host, guest] = duplexPair();
  let typed = "";
  guest.setEncoding("latin1").on("data", (text: string) => (typed += text));
  const hardware = {
    workspace: folder,
    events: new EventEmitter(),
    onSerial: (attach: (line: Duplex) => void) => attach(host),
    sshAddress: async () => undefined,
  } as unknown as Hardware;
  const access = { shell: "builtin" } as const;
  const point = await AttachPoint.open({ hardware, cell: "boot", access, privateKey: "", writable });
  const commands: string[] = [];
  const run = async (command: string) => {
    commands.push(command);
    return { code: 3, stdoutBytes: Buffer.from("from the guest\n"), stderr: "an error\n" };
  };
  point.serve({
    image: { name: `desk${process.pid}`, manifest: { access } },
    target: { target: "x86_64" },
    phase: "ready",
    signal: life.signal,
    shell: async () => ({ run }),
  } as unknown as Machine);
  const { name } = await point.facts();
  return {
    ...{ point, name, guest, commands },
    get typed() {
      return typed;
    },
    end: () => life.abort(),
  };
}
