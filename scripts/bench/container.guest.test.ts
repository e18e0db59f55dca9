import { expect, test } from "vitest";
import { killRounds } from "./container.ts";

test.runIf(process.getuid?.() === 0)(
  "osbench killed at any moment of a container's start leaves nothing behind",
  async () => {
    expect(await killRounds("debian-ab", 15, () => {})).toBe(0);
  },
  300_000,
);
