import { cellKey } from "../cell.ts";
import type { Outlook, View } from "./view.ts";
import { Board, type MachineState } from "./board.ts";
import { cellOfRecord, cellWords, durationWords, expectedWords, outcomeWords, painter } from "./words.ts";

/** A line for each change of phase and each result: what a log of a pipeline wants. */
export function plainView(stream: NodeJS.WritableStream, started: number = Date.now()): View {
  const paint = painter(stream);
  const board = new Board();
  const settled = new Set<string>();
  let outlook: Outlook | undefined;
  const print = (text: string) => {
    const elapsed = paint("dim", `[${clock(Date.now() - started)}]`);
    for (const line of text.trimEnd().split("\n")) stream.write(`${elapsed} ${line}\n`);
  };
  return {
    note: print,
    planned(known) {
      outlook = known;
      const { cells, guessed } = known;
      print(`${cells} ${cells === 1 ? "cell" : "cells"} planned, ${expectedWords(known.remainingMs(), guessed, cells)}`);
    },
    event(event) {
      const before = board.machines.find((one) => one.machine === event.machine);
      const now = board.hear(event);
      if (event.type === "phase" && now && (before?.phase !== now.phase || before?.boot !== now.boot)) print(`  ${phaseWords(now)}`);
    },
    record(record) {
      const reason = record.reason ?? record.failure?.message.split("\n")[0];
      settled.add(cellKey(cellOfRecord(record)));
      const took = `${durationWords(record.durationMs)}${outlook === undefined ? "" : `  (${progressWords(settled.size, outlook)})`}`;
      print(`${outcomeWords(record.outcome, paint)}  ${cellWords(cellOfRecord(record))}  ${paint("dim", took)}`);
      if (reason !== undefined) print(`       ${reason}`);
    },
    close: () => {},
  };
}

function progressWords(settled: number, { cells, remainingMs }: Outlook): string {
  return settled >= cells ? `${settled}/${cells}` : `${settled}/${cells}, ${durationWords(remainingMs())} left`;
}

function phaseWords({ image, target, cell, phase, boot, expectedMs }: MachineState): string {
  const name = image === undefined ? cell : `${image} × ${target}`;
  return `${name}  ${cell}  ${phase}${boot > 1 ? ` of boot ${boot}` : ""}${expectedMs === undefined ? "" : `, about ${durationWords(expectedMs)}`}`;
}

/** `mm:ss`, or `h:mm:ss` from an hour on. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours, ...rest] = parts.map((part) => String(part).padStart(2, "0"));
  return (parts[0] === 0 ? rest : [String(parts[0] ?? hours), ...rest]).join(":");
}
