import type { MachineEvent } from "../../model/events.ts";
import type { CellRecord } from "../../model/record.ts";
import { liveView } from "./live.ts";
import { plainView } from "./plain.ts";

/** How far a run has to go. */
export interface Outlook {
  readonly cells: number;
  /** How many of them were never timed on this host. */
  readonly guessed: number;
  /** Milliseconds until all should be done, asked at any time. */
  remainingMs(): number;
}

/** Shows a run while it goes on. Everything here is for people; nothing of a run depends on it. */
export interface View {
  /** What is being prepared, warnings, what tests print. */
  note(line: string): void;
  /** What there is to do, once that is known. */
  planned(outlook: Outlook): void;
  event(event: MachineEvent): void;
  record(record: CellRecord): void;
  /** Leaves the terminal as a plain one. */
  close(): void;
}

/** The view that fits the stream: one that redraws itself on a terminal, else lines as things happen. */
export function openView(stream: NodeJS.WriteStream, live: boolean): View {
  return live && stream.isTTY ? liveView(stream) : plainView(stream);
}
