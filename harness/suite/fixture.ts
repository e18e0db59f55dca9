import path from "node:path";
import { inject, test as vitestTest } from "vitest";
import type { WorkerContext } from "../model/context.ts";
import type { CellMeta } from "../model/meta.ts";
import type { Machine } from "../machine/machine.ts";
import { adapterFor } from "../os/families.ts";
import { Branches } from "./branches.ts";
import { Cell } from "./cell.ts";
import { seenError } from "../model/thrown.ts";
import { classify } from "./failure.ts";
import { pauseOnFailure } from "./pause.ts";
import { SharedMachine } from "./shared-machine.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The image, target and run of this worker. Undefined all the same when vitest was started without a run. */
    osbench: WorkerContext;
  }
  interface TaskMeta {
    /** What became of the test's cell. */
    osbench?: CellMeta;
  }
}

/**
 * vitest's `test` with a machine. `machine` is opened for the test, switched off, and disposed with it;
 * `savableMachine` is one that may be saved; `bootedMachine` is one that is ready, forked from an earlier boot where it can be, for tests that claim nothing about that boot; `os` speaks to the machine's
 * update family; `sharedMachine` is one machine for the tests of the file, which then run only while all before them pass.
 * Every test leaves its outcome in `task.meta.osbench`.
 */
export const test = vitestTest
  .extend("cell", { auto: true }, async ({ task, signal }, { onCleanup }) => {
    const given = task.meta.osbench;
    const extra = {
      ...(given?.suite !== undefined && { suite: given.suite }),
      ...(given?.suiteDigest !== undefined && { suiteDigest: given.suiteDigest }),
    };
    const suite = given?.suite ?? suiteNameOf(task.file.filepath);
    const errorsBefore = task.result?.errors?.length ?? 0;
    const cell = new Cell(inject("osbench"), { suite, test: task.name, attempt: task.result?.retryCount ?? 0 }, signal);
    task.meta.osbench = { ...extra, outcome: "error", reason: "the test did not finish", machines: [] };
    onCleanup(async () => {
      const result = task.result as (typeof task.result & { pending?: boolean; note?: string }) | undefined;
      const skipped = result?.pending || result?.state === "skip" ? (result.note ?? "skipped by the test itself") : undefined;
      const errors = (result?.errors ?? []).slice(errorsBefore);
      const meta = withPlace(cell.conclude(errors, skipped, extra), errors[0]?.stack, task.file.filepath);
      task.meta.osbench = meta;
      await pauseOnFailure(cell, { id: task.id, began: task.result?.startTime ?? Date.now() }, meta);
      try {
        await cell[Symbol.asyncDispose]();
      } catch (error) {
        if (meta.outcome === "pass") task.meta.osbench = { ...meta, ...classify({ ...describe(error), fault: "harness" }) };
        throw error;
      }
      // vitest knows no outcome "not applicable": to it the test was skipped.
      if (result && meta.outcome === "not-applicable") Object.assign(result, { pending: true, note: meta.reason });
    });
    return cell;
  })
  .extend("machine", ({ cell }) => cell.open())
  .extend("savableMachine", ({ cell }) => cell.open("off", { savable: true }))
  .extend("bootedMachine", async ({ cell }) => {
    const machine = await cell.open("booted");
    await machine.boot();
    return machine;
  })
  // oxlint-disable-next-line no-empty-pattern -- vitest insists on a pattern to read fixture names from
  .extend("shared", { scope: "file" }, async ({}, { onCleanup }) => {
    const shared = new SharedMachine();
    onCleanup(() => shared[Symbol.asyncDispose]());
    return shared;
  })
  // oxlint-disable-next-line no-empty-pattern -- as above
  .extend("branches", { scope: "file" }, async ({}, { onCleanup }) => {
    const branches = new Branches();
    onCleanup(() => branches[Symbol.asyncDispose]());
    return branches;
  })
  .extend("sharedMachine", async ({ cell, shared, task, skip }, { onCleanup }): Promise<Machine> => {
    if (shared.broken !== undefined) skip(shared.broken);
    onCleanup(() => {
      if (task.result?.state !== "pass") shared.distrust(task.name, task.result?.state === "fail" ? "failed" : "did not pass");
    });
    return shared.enter(cell, task.meta.osbench?.suite ?? suiteNameOf(task.file.filepath));
  })
  .extend("os", ({ machine }) => adapterFor(machine));

/** Adds where in the test's own file a failure stands, unless the step has said so. */
function withPlace(meta: CellMeta, stack: string | undefined, file: string): CellMeta {
  if (!meta.failure || meta.failure.at !== undefined || stack === undefined) return meta;
  const from = stack.indexOf(`${file}:`);
  const place = from < 0 ? undefined : /^:\d+:\d+/.exec(stack.slice(from + file.length))?.[0];
  return place === undefined ? meta : { ...meta, failure: { ...meta.failure, at: `${path.relative(process.cwd(), file)}${place}` } };
}

/** What the suite of a TypeScript file is called: its folder says what it is about. */
function suiteNameOf(file: string): string {
  return `${path.basename(path.dirname(file))}/${path.basename(file).replace(/\.test\.ts$/, "")}`;
}

function describe(error: unknown): { name?: string; message?: string } {
  const { name, message } = seenError(error);
  return { ...(name !== undefined && { name }), message: `giving back the test's machines: ${message}` };
}
