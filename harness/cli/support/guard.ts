import { report } from "./report.ts";

/**
 * Makes what goes wrong where no code waits for it end as osbench's own failure. Without it an exception nobody catches would end the process with 1,
 * which says that a claim failed. A reader that goes away (`| head`) has seen enough: work goes on, and the exit code still tells how it ended. What
 * cannot be written for another reason (a full disk) is said, and is never exit code 0.
 */
export function guardProcess(): void {
  process.on("uncaughtException", (error) => process.exit(Math.max(3, report(error))));
  let lost: Error | undefined;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || lost) return;
    lost = error;
    console.error(`error: standard output could not be written: ${error.message}`);
  });
  // Where nobody reads, nothing can be said.
  process.stderr.on("error", () => {});
  process.on("exit", (code) => {
    if (lost && code === 0) process.exitCode = 3;
  });
}
