import { join } from "node:path";
import { Writable } from "node:stream";
import { expect, test } from "vitest";
import type { MachineEvent } from "../../model/events.ts";
import { exampleRecord } from "../examples.ts";
import { Board } from "./board.ts";
import { picture } from "./live.ts";
import { clock, plainView } from "./plain.ts";
import { summaryOf } from "./summary.ts";
import { durationWords } from "./words.ts";

const plain = (_: unknown, text: string) => text;
const base = { machine: "m1", cell: "debian-ab.boot.boots", at: 1000 };
const opened: MachineEvent = { ...base, type: "opened", image: "debian-ab", target: "x86_64" };
const phase = (name: "kernel" | "userspace", at: number): MachineEvent => ({
  ...base,
  at,
  type: "phase",
  phase: name,
  boot: 1,
  expectedMs: 10_000,
});

const timing = { machines: 1, wallSeconds: 61, lowerBoundSeconds: 50, ratio: 1.22 };

function lines(): { stream: Writable; text: () => string } {
  let text = "";
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stream, text: () => text };
}

test("the board follows a machine, and takes a step told under another name for its own", () => {
  const board = new Board();
  board.hear(opened);
  board.hear(phase("kernel", 2000));
  board.hear({ ...base, machine: "whoever runs steps", type: "step", text: "run: true" });
  expect(board.machines).toMatchObject([{ image: "debian-ab", phase: "kernel", since: 2000, step: "run: true" }]);
  board.hear({ ...base, machine: "whoever runs steps", type: "closed" });
  expect(board.machines).toHaveLength(1);
  board.hear({ ...base, type: "closed" });
  expect(board.machines).toEqual([]);
});

test("the live picture says what each machine does, for how long, and when it is late", () => {
  const board = new Board();
  board.hear(opened);
  board.hear(phase("userspace", 2000));
  const drawn = {
    machines: board.machines,
    counts: { pass: 2, fail: 1 },
    cells: 5,
    settled: 3,
    startedAt: 0,
    remainingMs: 88_000,
    note: undefined,
  };
  expect(picture(drawn, 12_000, 200, plain)).toBe(
    "00:12 · 3/5 cells · 1 fail · about 1 min 28 s left\n  debian-ab × x86_64  userspace 10.0 s of ~10.0 s  debian-ab.boot.boots",
  );
  expect(picture(drawn, 32_000, 200, plain)).toContain("30.0 s of ~10.0 s, late");
  expect(
    picture(drawn, 12_000, 40, plain)
      .split("\n")
      .every((line) => line.length < 40),
  ).toBe(true);
});

test("the plain view prints changes of phase and results, nothing twice", () => {
  const { stream, text } = lines();
  const view = plainView(stream);
  for (const event of [opened, phase("kernel", 1), phase("kernel", 2), phase("userspace", 3)]) view.event(event);
  view.record(exampleRecord({ outcome: "fail", failure: { message: "no prompt\nand more", details: {} } }));
  view.close();
  expect(
    text()
      .replaceAll(/^\[00:00\] /gm, "")
      .split("\n"),
  ).toEqual([
    "  debian-ab × x86_64  debian-ab.boot.boots  kernel, about 10.0 s",
    "  debian-ab × x86_64  debian-ab.boot.boots  userspace, about 10.0 s",
    "✗ fail  debian-ab × x86_64  boot › boots  1.0 s",
    "       no prompt",
    "",
  ]);
});

test("the summary shows each claim, why it failed, where its evidence lies", () => {
  const failure = {
    message: "no login prompt",
    at: "elsewhere/boot.suite.yaml:7:9",
    hint: "see the console",
    details: { screen: "grub>\n_" },
  };
  const evidence = [{ name: "console.cast", path: "evidence/c1/console.cast", sha256: "", bytes: 1 }];
  const records = [exampleRecord({ test: "boots" }), exampleRecord({ test: "logs in", outcome: "fail", failure, evidence })];
  const text = summaryOf({ folder: "/r", records, problems: ["stray"], durationMs: 61_000, timing, matrix: "/r/matrix/index.html" }, plain);
  expect(text).toContain("  ✓ pass            boots    1.0 s\n  ✗ fail            logs in  1.0 s\n");
  expect(text).toContain(
    "✗ fail  boot › logs in  debian-ab × x86_64\n  elsewhere/boot.suite.yaml:7:9\n  no login prompt\n  screen:\n    grub>\n    _\n  see the console\n  evidence: /r/evidence/c1\n",
  );
  expect(text).toContain("! outside of any test: stray");
  expect(text).toContain("1 pass, 1 fail in 1 min 1 s\nrecords  /r/records.jsonl\nmatrix   /r/matrix/index.html\n");
});

test("of several machines at a time the summary says how close they came to the best", () => {
  const text = summaryOf(
    { folder: "/r", records: [exampleRecord()], problems: [], durationMs: 61_000, timing: { ...timing, machines: 2 }, matrix: undefined },
    plain,
  );
  expect(text).toContain("1 pass in 1 min 1 s, 2 machines at a time (at best 50.0 s: ×1.22)\n");
});

test("the plain view counts cells and says what is left, and a second attempt is no second cell", () => {
  const { stream, text } = lines();
  const view = plainView(stream);
  let left = 90_000;
  view.planned({ cells: 2, guessed: 1, remainingMs: () => left });
  left = 30_000;
  view.record(exampleRecord({ outcome: "error" }));
  view.record(exampleRecord({ attempts: 2 }));
  view.record(exampleRecord({ test: "logs in" }));
  expect(text()).toContain("2 cells planned, about 1 min 30 s, 1 of them never timed here\n");
  expect(text().match(/\(.*\)/g)).toEqual(["(1/2, 30.0 s left)", "(1/2, 30.0 s left)", "(2/2)"]);
});

test("a failure shows the line it stands on", () => {
  const file = join(import.meta.dirname, "../testdata/suites/applicable.suite.yaml");
  const records = [exampleRecord({ outcome: "fail", failure: { message: "no", at: `${file}:7:9`, details: {} } })];
  const text = summaryOf({ folder: "/r", records, problems: [], durationMs: 0, timing, matrix: undefined }, plain);
  expect(text).toContain("\n  7 |       - update: next\n              ^\n");
});

test("durations and clocks", () => {
  expect([0, 999, 59_949, 59_951, 3_599_000, 3_660_000].map(durationWords)).toEqual([
    "0 ms",
    "999 ms",
    "59.9 s",
    "1 min 0 s",
    "59 min 59 s",
    "1 h 1 min",
  ]);
  expect([5000, 65_000, 3_605_000].map(clock)).toEqual(["00:05", "01:05", "1:00:05"]);
});
