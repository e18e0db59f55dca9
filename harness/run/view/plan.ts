import type { Preview } from "../schedule/preview.ts";
import { clock } from "./plain.ts";
import { durationWords, expectedWords, machinesWords, type Paint } from "./words.ts";

/** What a run would do, for a person: a line for each suite in the order they start, then the total. */
export function planWords(preview: Preview, paint: Paint): string {
  const { shard, cells, guessed, machines, reason, units, notApplicable, expectedMs, lowerBoundMs } = preview;
  const [works, ruledOut] = [units.filter((unit) => unit.ruledOut === undefined), units.filter((unit) => unit.ruledOut !== undefined)];
  const rows = works.map(({ slot, fromMs, expectedMs: ms, timed, memoryMiB, image, target, suite, tests }) => [
    String(slot),
    clock(fromMs),
    `${timed === tests.length ? "" : "~"}${durationWords(ms)}`,
    `${memoryMiB} MiB`,
    `${image} × ${target}`,
    suite,
    tests.length === 1 ? "1 claim" : `${tests.length} claims`,
  ]);
  if (shard !== undefined && cells === 0) return `shard ${shard.index} of ${shard.of}: nothing to do`;
  const longest = units.reduce((most, unit) => Math.max(most, unit.expectedMs), 0);
  const bound = longest >= lowerBoundMs ? "the longest suite" : "all work divided among the places, cores and memory there are";
  return [
    ...(shard === undefined ? [] : [`shard ${shard.index} of ${shard.of}`]),
    ...(works.length === 0 ? [] : table([["place", "start", "takes", "memory", "where", "suite", ""], ...rows], paint)),
    ...ruledOutWords(ruledOut).map((line) => paint("dim", line)),
    ...notApplicable.map((one) => paint("dim", `not applicable: ${one.image} × ${one.target}: ${one.reason}`)),
    `${cells} ${cells === 1 ? "cell" : "cells"}, ${machinesWords(machines)} at a time: ${reason}`,
    `${expectedWords(expectedMs, guessed, cells)}; no order takes less than ${durationWords(lowerBoundMs)} (${bound})`,
  ].join("\n");
}

/** A line for each image and reason: most reasons are the image's own, and the same in every target. */
function ruledOutWords(units: Preview["units"]): string[] {
  const alike = Map.groupBy(units, ({ image, ruledOut }) => JSON.stringify([image, ruledOut]));
  return [...alike.values()].map((same) => {
    const [{ image, ruledOut }] = same as [Preview["units"][number]];
    const each = (key: "suite" | "target") => [...new Set(same.map((unit) => unit[key]))].join(", ");
    return `not applicable: ${each("suite")} on ${image} × ${each("target")}: ${ruledOut}`;
  });
}

function table(rows: readonly (readonly string[])[], paint: Paint): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row, index) => {
    const line = row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
    return index === 0 ? paint("dim", line) : line;
  });
}
