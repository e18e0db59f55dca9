import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { FifoLine } from "./fifo.ts";

let fifo: FifoLine;
beforeEach(async () => void (fifo = await FifoLine.open(join(temporaryFolder(), "serial"))));

test("what is said in single bytes while nobody listens is kept, 60 kB of it", async () => {
  const line = fifo.connect();
  const guest = openSync(`${fifo.path}.out`, constants.O_RDWR | constants.O_NONBLOCK);
  // This process does nothing else meanwhile: the line is not read.
  for (let byte = 0; byte < 60_000; byte++) expect(writeSync(guest, Buffer.of(byte % 251))).toBe(1);
  closeSync(guest);
  const heard = await buffer(line);
  expect(heard.equals(Buffer.from(Array.from({ length: 60_000 }, (_, byte) => byte % 251)))).toBe(true);
});

test("both directions, and an end when the other side dies", async () => {
  const line = fifo.connect();
  const guest = spawn("sh", ["-c", 'exec cat <"$0.in" >"$0.out"', fifo.path], { stdio: "ignore" });
  line.write("hello\n");
  const [said] = (await once(line, "data")) as [Buffer];
  expect(said.toString()).toBe("hello\n");
  const closed = once(line, "close");
  guest.kill("SIGKILL");
  await closed;
});

test("the next power cycle hears nothing of what the last one left", async () => {
  const first = fifo.connect();
  first.write("typed into nowhere\n");
  await new Promise<void>((resolve) => first.write("more", () => resolve()));
  first.destroy();
  await once(first, "close");
  const second = fifo.connect();
  const guest = openSync(`${fifo.path}.in`, constants.O_RDONLY | constants.O_NONBLOCK);
  second.write("fresh");
  await new Promise<void>((resolve) => second.write("ly", () => resolve()));
  const bytes = Buffer.alloc(100);
  expect(bytes.subarray(0, readSync(guest, bytes)).toString()).toBe("freshly");
  closeSync(guest);
});

test.each(["while it is read", "while nobody has room for more"])(
  "what was said before is heard at once when asked for, in order, %s",
  async (how) => {
    const line = fifo.connect();
    const guest = openSync(`${fifo.path}.out`, constants.O_RDWR | constants.O_NONBLOCK);
    const heard: Buffer[] = [];
    if (how === "while it is read") {
      line.on("data", (chunk: Buffer) => heard.push(chunk));
      writeSync(guest, "first, ");
      await once(line, "data");
    } else {
      line.pause();
      writeSync(guest, "first, ");
      line.read(0);
      await once(line, "readable");
      line.on("data", (chunk: Buffer) => heard.push(chunk));
    }
    writeSync(guest, "its last words");
    fifo.drain();
    if (how !== "while it is read") line.resume();
    writeSync(guest, "; the next one's first");
    closeSync(guest);
    await once(line, "end");
    expect(Buffer.concat(heard).toString()).toBe("first, its last words; the next one's first");
    if (how === "while it is read") expect(heard.slice(0, 2).join("")).toBe("first, its last words");
  },
);

test("a line that is gone, or was never there, has nothing to say", async () => {
  expect(() => fifo.drain()).not.toThrow();
  const line = fifo.connect();
  line.destroy();
  await once(line, "close");
  expect(() => fifo.drain()).not.toThrow();
});
