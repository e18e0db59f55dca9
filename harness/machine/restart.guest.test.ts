import { join } from "node:path";
import { expect, inject, test, vi } from "vitest";
import { proveAccelerator } from "../host/accelerator.ts";
import { buildImage } from "../image/build.ts";
import { findImage } from "../image/manifest.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { loadArchitecture } from "../qemu/target.ts";
import { varyTarget } from "../qemu/vary.ts";
import { openMachine } from "./open.ts";
import { findTarget } from "./targets.ts";
import { Debugger } from "./testdata/debugger.ts";

const context = inject("osbench");
const pageBytes = 4096;
const jumpBytes = 20;

/** A page of RISC-V code: jumps from one to the next, each a block of its own to a translator, the last to itself. */
function jumps(): Uint8Array {
  const page = Buffer.alloc(pageBytes);
  // jal zero, 20 (RISC-V unprivileged specification, 2.5.1)
  const to = ((jumpBytes >> 1) & 0x3ff) * 2 ** 21 + 0x6f;
  const last = pageBytes - (pageBytes % jumpBytes) - jumpBytes;
  for (let at = 0; at <= last; at += jumpBytes) page.writeUInt32LE(at === last ? 0x6f : to, at);
  return page;
}

test("firmware restarts as fast where other code ran before", { tags: ["full"], timeout: 600_000 }, async () => {
  const { address, bytes } = (await loadArchitecture("riscv64"))["first-stack"] as { address: number; bytes: number };
  const socket = join(temporaryFolder(), "gdb");
  const target = await varyTarget(await findTarget("riscv64"), ["cores=1", `arguments=[-gdb, "unix:${socket},server=on,wait=off"]`]);
  const { accelerator } = await proveAccelerator(context.tools, target.arch);
  const image = await buildImage(await findImage("tiny"), { arch: target.arch, tools: context.tools });
  const signal = new AbortController().signal;
  await using machine = await openMachine({ ...context, target, image, accelerator }, { cell: "restart", signal });
  await machine.boot("loader");
  const debug = await Debugger.attach(socket);
  const pc = async () => Buffer.from(await debug.ask("p20"), "hex").readUIntLE(0, 6);
  await debug.monitor("system_reset");
  // The reset vector of the virt machine.
  await vi.waitFor(async () => expect(await pc()).toBe(0x1000), 10_000);
  const page = address + bytes - pageBytes;
  await debug.write(page, jumps());
  expect(await debug.ask(`P20=${page.toString(16).match(/../g)?.reverse().join("")}00000000`)).toBe("OK");
  await debug.run(1000);
  expect(await pc()).toBeGreaterThan(page + pageBytes - 2 * jumpBytes);
  const mark = machine.console.mark();
  await debug.monitor("system_reset");
  await debug.detach();
  // 2 s, and over 3 min with translations of that page left.
  await machine.console.expect(/EDK2 firmware version/, { from: mark, timeoutMs: 60_000 });
});
