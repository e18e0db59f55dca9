import { freshBundle } from "./bundle/fresh.ts";

/** Who waited this long does not mind the second it takes to make the next start quick. */
const unnoticedMs = 5000;

const bundle = freshBundle();
await import(bundle ?? "./start.ts");

if (bundle === undefined && process.exitCode !== 130 && performance.now() > unnoticedMs) {
  const [{ makeBundle }, { removeOldCode }] = await Promise.all([import("./bundle/make.ts"), import("./bundle/old-code.ts")]);
  // Where it cannot be written, every start takes as long as this one.
  await Promise.allSettled([makeBundle(), removeOldCode()]);
}
