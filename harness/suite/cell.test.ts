import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { WorkerContext } from "../model/context.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { Cell } from "./cell.ts";
import { openEarly } from "./early.ts";
import { openMachine } from "./testdata/host-machine.ts";

const context = () =>
  ({ run: "one", runFolder: temporaryFolder(), image: { name: "tiny" }, target: { target: "x86_64" } }) as unknown as WorkerContext;
const names = { suite: "boot", test: "starts", attempt: 0 };

test("a machine that comes when its test is over already is disposed of with it", async () => {
  const given = context();
  const wait = Promise.withResolvers<void>();
  const opened = openEarly(
    { context: given, words: ["boot", "starts"], start: "off", wish: {}, on: false },
    async (where, words, signal) => {
      await wait.promise;
      return await openMachine(where, { cell: words.join("."), signal });
    },
  );
  const cell = new Cell(given, names, new AbortController().signal);
  const asked = cell.open();
  const over = cell[Symbol.asyncDispose]();
  wait.resolve();
  await Promise.all([asked, opened, over]);
  expect(readFileSync(join(given.runFolder, "life"), "utf8")).toBe("open boot.starts\nclose boot.starts\n");
});

test("a test that is over is given no machine any more", async () => {
  const cell = new Cell(context(), names, AbortSignal.abort(new Error("timed out")));
  await expect(cell.open()).rejects.toThrow("timed out");
});
