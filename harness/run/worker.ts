import { once } from "node:events";
import { openEarly } from "../suite/early.ts";
import { spareWord, type FirstWord } from "./schedule/first-word.ts";

/** How long the first machine's start has this process to itself, in milliseconds. */
const headStartMs = 2000;

/**
 * Loaded into every worker before anything else (`node --import`). A terminal sends Ctrl-C to the whole process group; the worker must live
 * on to close its machines, and the run tells it when. When the run itself is gone, the worker goes at once, and QEMU with it.
 */
process.on("SIGINT", () => {});
process.on("SIGHUP", () => {});
// Not process.exit: vitest replaces it by a function that throws.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

// What every suite needs sooner or later is read while vitest's own modules are.
const harness = Promise.all([
  import("../suite/cell.ts"),
  import("../machine/open.ts"),
  import("../qemu/open.ts"),
  import("../os/families.ts"),
]);
harness.catch(() => {});

// One that was started before the run was planned hears first which machine to start: that cannot begin too early.
if (process.argv.includes(spareWord)) {
  void import("../host/toolbox.ts").then(({ warmToolbox }) => warmToolbox()).catch(() => {});
  void import("execa").catch(() => {});
  void import("../machine/warm.ts").then(({ warmMachines }) => warmMachines()).catch(() => {});
  const [{ request }] = (await once(process, "message")) as [FirstWord];
  // Once it runs, or has to wait for something, vitest's own modules are read.
  if (request) await Promise.race([openEarly(request, (await harness)[0].openMachineOf), once(AbortSignal.timeout(headStartMs), "abort")]);
}
