/* oxlint-disable vitest/expect-expect -- what a run is tried on, not what is tested */
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { inject, test as base } from "vitest";

const note = (line: string) => appendFileSync(`${inject("osbench").runFolder}/noted`, `${line}\n`);

/** Stands for a machine: a process that the worker owns, and that dies with it. */
// oxlint-disable-next-line no-empty-pattern -- vitest reads the pattern
const test = base.extend("guest", async ({}, { onCleanup }) => {
  const guest = spawn("setpriv", ["--pdeathsig", "KILL", "sleep", "1000"], { stdio: "ignore" });
  note(`worker ${process.pid}`);
  note(`guest ${guest.pid}`);
  onCleanup(() => {
    guest.kill("SIGKILL");
    note("disposed");
  });
  return guest;
});

test("is done at once", () => {});

test("waits until it is told to stop", async ({ guest, signal }) => {
  note(`waiting ${guest.pid}`);
  await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
});

test("comes after", () => {});
