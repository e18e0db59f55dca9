/**
 * Loaded into every worker before anything else (`node --import`). A terminal sends Ctrl-C to the whole process group; the worker must live
 * on to close its machines, and the run tells it when. When the run itself is gone, the worker goes at once, and QEMU with it.
 */
process.on("SIGINT", () => {});
process.on("SIGHUP", () => {});
// Not process.exit: vitest replaces it by a function that throws.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

export {};
