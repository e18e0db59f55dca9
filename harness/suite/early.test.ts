import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { WorkerContext } from "../model/context.ts";
import { HarnessError } from "../model/errors.ts";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { dropEarly, openEarly, takeEarly } from "./early.ts";
import { openMachine } from "./testdata/host-machine.ts";

let context: WorkerContext;
let aborted: unknown;
beforeEach(() => {
  context = { run: "one", runFolder: temporaryFolder(), image: {}, target: {} } as WorkerContext;
  aborted = undefined;
});
afterEach(dropEarly);

const open: Parameters<typeof openEarly>[1] = (given, words, signal) => {
  signal.addEventListener("abort", () => (aborted = signal.reason));
  return openMachine(given, { cell: words.join("."), signal });
};
const life = () => readFileSync(join(context.runFolder, "life"), "utf8").trim().split("\n");
const never = new AbortController().signal;
const request = (on = true) => ({ context, words: ["boot", "starts"], start: "off" as const, wish: {}, on });

test("what was opened early is given to whoever asks for just that, switched on, and only once", async () => {
  await openEarly(request(), open);
  // As it arrives in a worker: not the same object, but the same words.
  const machine = await takeEarly(structuredClone(context), ["boot", "starts"], never, "off", {});
  expect(machine?.phase).toBe("ready");
  expect(await takeEarly(context, ["boot", "starts"], never, "off", {})).toBeUndefined();
  expect(life()).toEqual(["open boot.starts"]);
});

test.each([
  ["another test", () => ({ words: ["boot", "ends"] })],
  ["another start", () => ({ start: "booted" as const })],
  ["one that may be saved", () => ({ wish: { savable: true } })],
  ["one with another clock", () => ({ wish: { clock: "now" as const } })],
  ["another run", () => ({ context: { ...context, run: "two" } })],
  ["another attempt", () => ({ context: { ...context, attempt: 2 } })],
])("%s gets a machine of its own, and finds the early one gone", async (_what, other) => {
  await openEarly(request(), open);
  const asked = { ...request(), ...other() };
  expect(await takeEarly(asked.context, asked.words, never, asked.start, asked.wish)).toBeUndefined();
  expect(life()).toEqual(["open boot.starts", "close boot.starts"]);
});

test("one that is not to be switched on is not", async () => {
  await openEarly(request(false), open);
  expect((await takeEarly(context, ["boot", "starts"], never, "off", {}))?.phase).toBe("off");
});

test("the end of the test that took it ends its waits", async () => {
  await openEarly(request(), open);
  const test = new AbortController();
  await takeEarly(context, ["boot", "starts"], test.signal, "off", {});
  expect(aborted).toBeUndefined();
  test.abort(new Error("over"));
  expect(aborted).toBe(test.signal.reason);
});

test("what keeps it from being opened is told to the test that asks, and to nobody before", async () => {
  await openEarly(request(), () => Promise.reject(new HarnessError("OSB_TOOL", "no disk could be made")));
  await expect(takeEarly(context, ["boot", "starts"], never, "off", {})).rejects.toThrow("no disk could be made");
});

test("what keeps it from starting leaves a machine that is off", async () => {
  await openEarly(request(), async (...given) =>
    Object.assign(await open(...given), { switchOn: () => Promise.reject(new HarnessError("OSB_QEMU_START", "no memory")) }),
  );
  expect((await takeEarly(context, ["boot", "starts"], never, "off", {}))?.phase).toBe("off");
});
