import { z } from "zod";

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** A duration as a person writes it (`500ms`, `90s`, `5m`, `1h`), read as milliseconds. */
export const duration = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, "is not a duration; write a number and a unit: 500ms, 90s, 5m, 1h")
  .transform((text) => {
    const [, amount, unit] = /^([\d.]+)(ms|s|m|h)$/.exec(text)!;
    return Number(amount) * units[unit as keyof typeof units];
  })
  .describe("A duration: `500ms`, `90s`, `5m`, `1h`");

/** Milliseconds as a person reads them: `320 ms`, `4.2 s`, `3 min 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
