/* oxlint-disable vitest/expect-expect -- what a run is tried on, not what is tested */
import { appendFileSync } from "node:fs";
import { inject, test } from "vitest";

test("says who runs it", () => appendFileSync(`${inject("osbench").runFolder}/noted`, `worker ${process.pid}\n`));
