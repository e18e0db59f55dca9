import { withLock } from "../lock.ts";

/** Holds the lock named in the first argument until killed. */
await withLock(process.argv[2] as string, "holding", {}, async () => {
  console.log("held");
  await new Promise((resolve) => setTimeout(resolve, 600_000));
});
