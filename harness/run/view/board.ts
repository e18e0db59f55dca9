import type { MachineEvent } from "../../model/events.ts";
import type { Phase } from "../../model/phase.ts";

/** What one machine is doing. Times are milliseconds since the epoch. */
export interface MachineState {
  readonly machine: string;
  readonly cell: string;
  readonly image: string | undefined;
  readonly target: string | undefined;
  readonly phase: Phase | undefined;
  readonly since: number;
  readonly expectedMs: number | undefined;
  readonly boot: number;
  readonly step: string | undefined;
}

/** The open machines of a run, in the order they were opened. */
export class Board {
  readonly #machines = new Map<string, MachineState>();

  get machines(): MachineState[] {
    return [...this.#machines.values()];
  }

  /** Takes in an event and returns what the machine does now; undefined if there is none, or none any more. */
  hear(event: MachineEvent): MachineState | undefined {
    // Steps are told by whoever runs them, under another name than the machine's: their evidence folder is the same.
    const known = this.#machines.get(event.machine) ?? this.machines.findLast((one) => one.cell === event.cell);
    if (event.type === "closed") {
      this.#machines.delete(event.machine);
      return undefined;
    }
    if (!known && event.type !== "opened") return undefined;
    const now = { ...(known ?? newcomer(event)), ...changes(event) };
    this.#machines.set(now.machine, now);
    return now;
  }
}

function newcomer({ machine, cell, at }: MachineEvent): MachineState {
  return {
    machine,
    cell,
    image: undefined,
    target: undefined,
    phase: undefined,
    since: at,
    expectedMs: undefined,
    boot: 0,
    step: undefined,
  };
}

function changes(event: MachineEvent): Partial<MachineState> {
  if (event.type === "opened") return { image: event.image, target: event.target, cell: event.cell };
  if (event.type === "phase") return { phase: event.phase, since: event.at, expectedMs: event.expectedMs, boot: event.boot };
  if (event.type === "paused") return { step: "paused: the machine is yours" };
  if (event.type === "resumed") return { step: undefined };
  return event.type === "step" ? { step: event.text } : {};
}
