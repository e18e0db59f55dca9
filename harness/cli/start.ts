// What takes longest to read begins first; a run that is only to be planned, explained or refused ends it unused.
if (process.argv[2] === "run" && !process.argv.some((word) => ["--plan", "--help", "-h"].includes(word)))
  (await import("../run/schedule/spare.ts")).startSpareWorker();

await (await import("./program.ts")).main();

export {};
