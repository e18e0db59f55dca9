import type { CellRecord, Outcome } from "../../model/record.ts";
import { Board, type MachineState } from "./board.ts";
import { logUpdate } from "./log-update.ts";
import { clock } from "./plain.ts";
import { cellKey } from "../cell.ts";
import type { Outlook, View } from "./view.ts";
import { cellOfRecord, cellWords, cut, durationWords, expectedWords, outcomeWords, painter, type Paint } from "./words.ts";

/** What the picture is drawn from. */
export interface Picture {
  readonly machines: readonly MachineState[];
  readonly counts: Readonly<Partial<Record<Outcome, number>>>;
  readonly cells: number;
  /** How many of them have a record. */
  readonly settled: number;
  readonly startedAt: number;
  /** Milliseconds until the run should be over; undefined while that is not known. */
  readonly remainingMs: number | undefined;
  /** What is being prepared, while no machine runs. */
  readonly note: string | undefined;
}

/** Results stay above as lines; below, one line a machine is redrawn every second. */
export function liveView(stream: NodeJS.WriteStream): View {
  const paint = painter(stream);
  const update = logUpdate(stream);
  const board = new Board();
  const counts: Partial<Record<Outcome, number>> = {};
  const startedAt = Date.now();
  const settled = new Set<string>();
  let outlook: Outlook | undefined;
  let note: string | undefined;
  let drawn = false;
  const draw = () => {
    drawn = true;
    const known = { cells: outlook?.cells ?? 0, settled: settled.size, remainingMs: outlook?.remainingMs() };
    update(picture({ machines: board.machines, counts, startedAt, note, ...known }, Date.now(), stream.columns || 80, paint));
  };
  const timer = setInterval(draw, 1000).unref();
  const keep = (line: string) => {
    update.clear();
    stream.write(`${line}\n`);
    // The first picture comes with the first machine, or after a second.
    if (drawn) draw();
  };
  return {
    note(line) {
      note = line.trimEnd();
      keep(paint("dim", note));
    },
    planned(known) {
      outlook = known;
      const { cells, guessed } = known;
      keep(paint("dim", `${cells} ${cells === 1 ? "cell" : "cells"}, ${expectedWords(known.remainingMs(), guessed, cells)}`));
    },
    event(event) {
      board.hear(event);
      note = undefined;
      draw();
    },
    record(record: CellRecord) {
      settled.add(cellKey(cellOfRecord(record)));
      counts[record.outcome] = (counts[record.outcome] ?? 0) + 1;
      const reason = record.reason ?? record.failure?.message.split("\n")[0];
      const line = `${outcomeWords(record.outcome, paint)}  ${cellWords(cellOfRecord(record))}  ${paint("dim", durationWords(record.durationMs))}`;
      keep(reason === undefined ? line : `${line}\n       ${cut(reason, (stream.columns || 80) - 8)}`);
    },
    close() {
      clearInterval(timer);
      update.clear();
      update.done();
    },
  };
}

/** The lines below the results, each cut to the terminal's width. */
export function picture(
  { machines, counts, cells, settled, startedAt, remainingMs: left, note }: Picture,
  now: number,
  width: number,
  paint: Paint,
): string {
  const bad = (["fail", "error"] as const).filter((outcome) => counts[outcome]).map((outcome) => `${counts[outcome]} ${outcome}`);
  const head = [
    `${clock(now - startedAt)}`,
    `${settled}/${cells} cells`,
    ...bad,
    ...(left === undefined || settled === cells ? [] : [left === 0 ? "longer than expected" : `about ${durationWords(left)} left`]),
    ...(note === undefined ? [] : [note]),
  ].join(" · ");
  return [paint("bold", cut(head, width - 1)), ...machines.map((machine) => machineLine(machine, now, width - 1))].join("\n");
}

function machineLine({ image, target, cell, phase, since, expectedMs, boot, step }: MachineState, now: number, width: number): string {
  const name = image === undefined ? cell : `${image} × ${target}`;
  const elapsed = now - since;
  const expected = expectedMs === undefined ? "" : ` of ~${durationWords(expectedMs)}${elapsed > expectedMs * 1.5 ? ", late" : ""}`;
  const doing = phase === undefined ? "opening" : `${phase}${boot > 1 ? ` (boot ${boot})` : ""}`;
  return cut(`  ${name}  ${doing} ${durationWords(elapsed)}${expected}  ${step ?? cell}`, width);
}
