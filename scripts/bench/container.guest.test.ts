import { expect, test } from "vitest";
import { killRounds } from "./container.ts";

test.runIf(process.getuid?.() === 0)(
  "osbench killed at any moment of a container's start leaves nothing behind",
  { tags: ["full"], timeout: 300_000 },
  async () => {
    expect(await killRounds("debian-ab", 15, () => {})).toBe(0);
  },
);
