import { readFileSync } from "node:fs";
import { createServer, connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { Console } from "./console.ts";

let folder: string;
let guest: Socket;
let console_: Console;
let close: () => void;

/** A console on a real unix socket; `guest` is the far end. */
beforeEach(async () => {
  folder = temporaryFolder();
  const path = join(folder, "line");
  console_ = new Console(folder, "test");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const accepted = new Promise<void>((resolve) =>
    server.once("connection", (line) => {
      console_.attach(line);
      resolve();
    }),
  );
  guest = connect(path);
  await accepted;
  close = () => {
    guest.destroy();
    server.close();
    console_.close();
  };
});

afterEach(() => close());

const soon = () => AbortSignal.timeout(60_000);

describe("Console", () => {
  test("answers a guest that asks where the cursor is", async () => {
    const answer = new Promise<string>((resolve) => guest.once("data", (data) => resolve(data.toString())));
    guest.write("\u001b[5;9H\u001b[6n");
    expect(await answer).toBe("\u001b[5;9R");
  });

  test("does not answer while a program owns the line", async () => {
    console_.answerQueries(false);
    let answered = "";
    guest.on("data", (data) => (answered += data.toString()));
    guest.write("\u001b[6ndone\r\n");
    await console_.expect(/done/, soon(), 0);
    await console_.write("end");
    await new Promise<void>((resolve) => guest.on("data", () => answered.includes("end") && resolve()));
    expect(answered).toBe("end");
  });

  test("finds text across chunks, colours and line ends, and the screen already shows it", async () => {
    const found = console_.expect(/Kernel panic - (\w+)/, soon());
    guest.write("\u001b[31mKernel pa");
    await new Promise((resolve) => setImmediate(resolve));
    guest.write("nic\u001b[0m - fatal\r\n");
    expect((await found)[1]).toBe("fatal");
    expect(console_.screen()).toContain("Kernel panic - fatal");
  });

  test("an expectation ends with the signal's reason", async () => {
    await expect(console_.expect(/never/, AbortSignal.abort(new Error("machine is off")))).rejects.toThrow("machine is off");
  });

  test("keeps the exact bytes and a playable recording", async () => {
    const bytes = Buffer.from([0x41, 0x00, 0xff, 0x1b, 0x5b, 0x6d, 0x0a, 0x42, 0x0a]);
    const seen = console_.expect(/B\n/, soon());
    guest.write(bytes);
    await seen;
    console_.marker("kernel");
    expect(readFileSync(join(folder, "console.raw"))).toEqual(bytes);
    const lines = readFileSync(join(folder, "console.cast"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(lines[0]).toMatchObject({ version: 3, term: { cols: 120, rows: 50 } });
    expect(lines.at(-1)).toEqual([expect.any(Number), "m", "kernel"]);
  });
});
