import type { MachineEvent } from "../../model/events.ts";
import type { CellRecord } from "../../model/record.ts";
import { liveView } from "./live.ts";
import { plainView } from "./plain.ts";

/** Shows a run while it goes on. Everything here is for people; nothing of a run depends on it. */
export interface View {
  /** What is being prepared, warnings, what tests print. */
  note(line: string): void;
  /** How many cells there are and how long they should take, once that is known. */
  planned(cells: number, expectedMs: number | undefined): void;
  event(event: MachineEvent): void;
  record(record: CellRecord): void;
  /** Leaves the terminal as a plain one. */
  close(): void;
}

/** The view that fits the stream: one that redraws itself on a terminal, else lines as things happen. */
export function openView(stream: NodeJS.WriteStream, live: boolean): View {
  return live && stream.isTTY ? liveView(stream) : plainView(stream);
}
