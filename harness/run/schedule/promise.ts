import { HarnessError } from "../../model/errors.ts";

/** The file whose first machine is started before any file is read, and the process that starts it. */
interface Promised {
  readonly job: string;
  readonly process: object;
}

let promised: Promised | undefined;

/** Notes that this process starts the first machine of a job, so that nobody else may run that, nor this process another. */
export function promiseJob(job: string, process: object): void {
  promised = { job, process };
}

/** The process that was promised a job is no more, and its machine with it. */
export function forgetPromise(): void {
  promised = undefined;
}

/**
 * Called before a process is given a job, its first; an undefined process is a new one. Throws HarnessError `OSB_EARLY_MACHINE` if that breaks the
 * promise: two machines of one cell would write into one evidence folder. Once it is kept it is over: a second attempt is anybody's.
 */
export function keepPromise(job: string, process: object | undefined): void {
  if (!promised || (promised.job !== job && promised.process !== process)) return;
  const { job: other, process: starter } = promised;
  if (other === job && starter === process) return forgetPromise();
  const words = (name: string) => name.replace("\n", ": ");
  throw new HarnessError(
    "OSB_EARLY_MACHINE",
    other === job
      ? `${words(job)} was given to another process than the one that has started its first machine already`
      : `${words(job)} was given to the process that has started the first machine of ${words(other)}`,
    { hint: "vitest did not start files in the order it was given: this is a fault of osbench, not of the image" },
  );
}
