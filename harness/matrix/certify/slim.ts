import type { CellRecord } from "../../model/record.ts";

/**
 * Makes of records what a certificate says of them and is decided by: what failed in which words, boots and capabilities stand in the records it covers.
 * Texts that many records share are held once.
 */
export function slimmer(): (record: CellRecord) => CellRecord {
  const known = new Map<string, unknown>();
  const once = <T>(value: T): T => {
    const key = JSON.stringify(value);
    if (!known.has(key)) known.set(key, value);
    return known.get(key) as T;
  };
  return ({ schema, run, image, target, suite, test, outcome, reason, started, durationMs, attempts, machines, evidence }) => ({
    ...{
      schema,
      run: once(run),
      image: once(image),
      target: once(target),
      suite: once(suite),
      test,
      outcome,
      started,
      durationMs,
      attempts,
    },
    ...(reason !== undefined && { reason: once(reason) }),
    machines: once(machines.map(({ start: { kind }, accelerator }) => ({ start: { kind }, accelerator, boots: [] }))),
    evidence,
  });
}
