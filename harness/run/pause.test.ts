import type { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { deskMachine } from "../machine/attach/testdata/desk-machine.ts";
import type { MachineEvent } from "../model/events.ts";
import { Pauses } from "./pause.ts";

const meta = { outcome: "fail" as const, machines: [] };
const paused = (name: string): MachineEvent => ({
  ...{ machine: "m", cell: "c", at: 0, type: "paused", test: "t", began: 0, meta, name, reason: "fail: no", ssh: "ssh somewhere" },
});
const resumed = (name: string): MachineEvent => ({ machine: "m", cell: "c", at: 0, type: "resumed", name, why: "its time is up" });

const open: Pauses[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one[Symbol.dispose]();
});

function pauses(options: { terminal: boolean; forMs?: number }) {
  const notes: string[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY: options.terminal });
  const one = new Pauses({ stdin: stdin as unknown as NodeJS.ReadStream, forMs: options.forMs, note: (text) => notes.push(text) });
  open.push(one);
  return { one, stdin, notes };
}

const forEver = { signal: new AbortController().signal, forMs: undefined };

test("says how to get in, and everything that ends the pause", () => {
  const { one, notes } = pauses({ terminal: true });
  one.hear(paused("tiny-1"));
  one.hear(resumed("tiny-1"));
  expect(notes[0]).toContain(
    "the test is recorded already (fail: no)\n  console  osbench attach tiny-1\n  shell    osbench shell tiny-1\n  ssh      ssh somewhere\n",
  );
  expect(notes[0]).toContain("goes on at Enter here, at `osbench attach tiny-1 --release` or when you leave its console.");
  expect(notes[1]).toBe("goes on after the pause on tiny-1: its time is up");
  const alone = pauses({ terminal: false, forMs: 600_000 });
  alone.one.hear(paused("tiny-1"));
  expect(alone.notes[0]).toContain(`goes on at \`kill -USR1 ${process.pid}\`, at`);
  expect(alone.notes[0]).toContain("or after 10 min 0 s.");
});

test.each([
  ["Enter", (stdin: EventEmitter) => stdin.emit("data", "\n")],
  ["SIGUSR1", () => process.kill(process.pid, "SIGUSR1")],
])("%s lets every paused machine go on", async (_, tell) => {
  const [first, second] = [await deskMachine({ writable: false }), await deskMachine({ writable: false })];
  const both = Promise.all([first.point.pause("fail: no", forEver), second.point.pause("fail: no", forEver)]);
  const { one, stdin } = pauses({ terminal: true });
  for (const { name } of [first, second]) one.hear(paused(name));
  tell(stdin);
  expect(await both).toEqual(["released", "released"]);
});

test("Enter means nothing while nothing is paused, and SIGUSR1 ends nothing", async () => {
  const { one, stdin } = pauses({ terminal: true });
  one.hear(paused("tiny-1"));
  one.hear(resumed("tiny-1"));
  expect(stdin.listenerCount("data")).toBe(0);
  const heard = new Promise((resolve) => process.once("SIGUSR1", resolve));
  process.kill(process.pid, "SIGUSR1");
  expect(await heard).toBe("SIGUSR1");
});
