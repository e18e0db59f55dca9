/**
 * Loaded into every worker before anything else (`node --import`). A terminal sends Ctrl-C to the whole process group; the worker must live
 * on to close its machines, and the run tells it when. When the run itself is gone, the worker goes at once, and QEMU with it.
 */
process.on("SIGINT", () => {});
process.on("SIGHUP", () => {});
// Not process.exit: vitest replaces it by a function that throws.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

// What every suite needs sooner or later is read while vitest's own modules are, or while a spare worker waits for its suite.
void import("../machine/open.ts").catch(() => {});
void import("../os/families.ts").catch(() => {});

export {};
