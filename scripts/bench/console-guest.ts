import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { Console } from "../../harness/console/console.ts";
import { proveAccelerator } from "../../harness/host/accelerator.ts";
import { openTools } from "../../harness/host/toolbox.ts";
import { makeWorkspace } from "../../harness/host/workspace.ts";
import { buildImage } from "../../harness/image/build.ts";
import { findImage } from "../../harness/image/manifest.ts";
import { openQemu } from "../../harness/qemu/open.ts";
import { findTarget } from "../../harness/machine/targets.ts";
import { shellPorts } from "../../harness/shell/channel-shell.ts";
import { streamLine, type Line } from "../../harness/shell/line.ts";
import { login } from "../../harness/shell/login.ts";

/** A booted guest with both its lines in hand: a plain sh waits on the virtio ports and, after a login, on ttyS0. */
export interface BenchGuest extends AsyncDisposable {
  readonly port: Duplex;
  readonly errorPort: Duplex;
  /** The serial line as a machine has it: recorded, shown on a screen. */
  readonly serial: Line;
  readonly folder: string;
  /** The console's text so far. */
  said(): string;
}

const setup =
  "exec env -i TERM=dumb HOME=/root PATH=/usr/bin:/usr/sbin sh -c 'stty -echo -icrnl -inlcr -igncr icanon -isig -iexten -ixon -opost; exec sh' 2>/dev/null\r";

export async function openBenchGuest(image: string, progress: (line: string) => void): Promise<BenchGuest> {
  const signal = new AbortController().signal;
  const target = await findTarget("x86_64");
  const tools = await openTools("toolbox", { progress, signal });
  const { accelerator } = await proveAccelerator(tools, target.arch);
  const { folder: files, manifest } = await buildImage(await findImage(image), { arch: target.arch, tools, progress, signal });
  const { disk = "", format = "raw" } = manifest.versions[0] ?? {};
  const folder = await makeWorkspace("bench");
  const hardware = await openQemu(
    {
      ...{ name: "bench-console", target, tools, accelerator, memoryMiB: manifest.memory, evidenceFolder: folder },
      disks: [{ file: join(files, disk), format }],
      ...{ credentials: [], certificates: [], ports: Object.values(shellPorts), updateAddress: undefined },
    },
    signal,
  );
  const console_ = new Console(folder, "bench");
  hardware.onSerial((line) => console_.attach(line));
  const prompted = console_.expect(/\S+ login: /, AbortSignal.timeout(300_000));
  await hardware.powerOn(signal);
  await prompted;
  await login(console_, manifest.access.serial as { user: string; password: string }, AbortSignal.timeout(60_000));
  console_.answerQueries(false);
  await console_.write(setup);
  await console_.write("echo wait''ing\n");
  await console_.expect(/(?:^|\n)waiting/, AbortSignal.timeout(20_000), 0);
  const [port, errorPort] = [hardware.port(shellPorts.shell), hardware.port(shellPorts.stderr)] as [Duplex, Duplex];
  return {
    ...{ port, errorPort, folder },
    said: () => console_.text(Math.max(0, console_.length - 4000)),
    serial: { write: (data) => console_.write(data), listen: (listener) => console_.listen(listener), onLost: streamLine(port).onLost },
    async [Symbol.asyncDispose]() {
      await hardware[Symbol.asyncDispose]();
      console_.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
