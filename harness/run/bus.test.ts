import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { expect, test } from "vitest";
import type { MachineEvent } from "../model/events.ts";
import { openBus } from "./bus.ts";

test("hears events cut anywhere, drops what is none, knows who is open, and leaves nothing behind", async () => {
  const bus = await openBus();
  const heard: MachineEvent[] = [];
  const socket = connect(bus.path);
  await once(socket, "connect");
  const two = new Promise<void>((resolve) => bus.on((event) => heard.push(event) === 2 && resolve()));
  const opened = JSON.stringify({ machine: "m", cell: "c", at: 1, type: "opened", image: "i", target: "t" });
  socket.write(`not json\n{"type":"opened"}\nnull\n${opened.slice(0, 20)}`);
  socket.write(`${opened.slice(20)}\n${JSON.stringify({ machine: "other", cell: "c", at: 2, type: "closed" })}\n`);
  await two;
  expect(heard.map(({ type }) => type)).toEqual(["opened", "closed"]);
  expect([bus.isOpen("c"), bus.isOpen("d")]).toEqual([true, false]);
  expect(readFileSync("/proc/net/unix", "utf8")).toContain(bus.path.slice(1));
  const ended = once(socket, "close");
  await bus[Symbol.asyncDispose]();
  await ended;
  expect(readFileSync("/proc/net/unix", "utf8")).not.toContain(bus.path.slice(1));
});
