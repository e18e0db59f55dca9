import { expect, test } from "vitest";
import { Gate } from "./gate.ts";

const seen = () => {
  const log: string[] = [];
  const listener = { started: (job: string) => void log.push(`+${job}`), ended: (job: string) => void log.push(`-${job}`) };
  return { log, listener };
};
const room = { machines: 2, cores: 2, memoryMiB: 1000 };
const small = (job: string) => ({ job, memoryMiB: 100, cores: 1 });
const big = (job: string) => ({ job, memoryMiB: 950, cores: 1 });

test("the first in line starts first, in whatever order the workers come", async () => {
  const { log, listener } = seen();
  const gate = new Gate(room, 4, listener);
  gate.lineUp(["a", "b", "c"].map(small));
  void gate.enter("c");
  void gate.enter("b");
  expect(log).toEqual([]);
  await gate.enter("a");
  expect(log).toEqual(["+a", "+b"]);
  gate.leave("b");
  expect(log).toEqual(["+a", "+b", "-b", "+c"]);
});

test("one too big for what is free lets those behind it pass, within the window", async () => {
  const { log, listener } = seen();
  const gate = new Gate(room, 2, listener);
  gate.lineUp([small("a"), big("b"), small("c"), small("d")]);
  for (const job of ["a", "b", "c", "d"]) void gate.enter(job);
  expect(log).toEqual(["+a", "+c"]);
  gate.leave("a");
  // Two small ones would keep the big one out for ever: it is its turn once nothing runs.
  expect(log).toEqual(["+a", "+c", "-a", "+d"]);
  gate.leave("c");
  gate.leave("d");
  expect(log.at(-1)).toBe("+b");
});

test("a worker that never comes holds nobody up", () => {
  const { log, listener } = seen();
  const gate = new Gate(room, 4, listener);
  gate.lineUp([small("dead"), small("b")]);
  void gate.enter("b");
  gate.leave("dead");
  expect(log).toEqual(["+b"]);
});

test("when a worker is lost before it says which job it had, the others do not wait for it", () => {
  const { log, listener } = seen();
  const gate = new Gate(room, 4, listener);
  gate.lineUp([small("lost"), small("b"), small("c")]);
  void gate.enter("c");
  void gate.enter("b");
  expect(log).toEqual([]);
  gate.lost();
  expect(log).toEqual(["+b", "+c"]);
});

test("a closed gate turns away who waits and who comes", async () => {
  const { log, listener } = seen();
  const gate = new Gate({ ...room, machines: 1 }, 4, listener);
  gate.lineUp([small("a"), small("b"), small("c")]);
  await gate.enter("a");
  const waiting = gate.enter("b");
  gate.close(new Error("interrupted"));
  await expect(waiting).rejects.toThrow("interrupted");
  await expect(gate.enter("c")).rejects.toThrow("interrupted");
  expect(log).toEqual(["+a"]);
});

test("the same job may be lined up again once it has ended", async () => {
  const { log, listener } = seen();
  const gate = new Gate(room, 4, listener);
  for (let time = 0; time < 2; time++) {
    gate.lineUp([small("a")]);
    await gate.enter("a");
    gate.leave("a");
  }
  expect(log).toEqual(["+a", "-a", "+a", "-a"]);
});
