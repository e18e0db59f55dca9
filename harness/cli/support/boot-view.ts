import type { MachineEvent } from "../../model/events.ts";
import type { Phase } from "../../model/phase.ts";
import { logUpdate } from "../../run/view/log-update.ts";
import { cut, durationWords, painter } from "../../run/view/words.ts";

/** Shows a person how one machine comes up. */
export interface BootView {
  note(line: string): void;
  event(event: MachineEvent): void;
  close(): void;
}

interface Standing {
  readonly phase: Phase;
  readonly since: number;
  readonly expectedMs: number | undefined;
}

/** A line for each phase that is over; on a terminal one more, redrawn every second, for the one under way. */
export function bootView(stream: NodeJS.WriteStream, live: boolean): BootView {
  const paint = painter(stream);
  const update = live ? logUpdate(stream) : undefined;
  let standing: Standing | undefined;
  const draw = () => {
    if (!update || !standing) return;
    const { phase, since, expectedMs } = standing;
    const elapsed = Date.now() - since;
    const late = expectedMs !== undefined && elapsed > expectedMs * 1.5 ? ", late" : "";
    const of = expectedMs === undefined ? "" : ` of ~${durationWords(expectedMs)}${late}`;
    update(cut(`  ${phase.padEnd(10)}  ${durationWords(elapsed)}${of}`, (stream.columns || 80) - 1));
  };
  let closed = false;
  const keep = (line: string) => {
    if (closed) return;
    update?.clear();
    stream.write(`${line}\n`);
    draw();
  };
  const timer = update && setInterval(draw, 1000).unref();
  return {
    note: (line) => keep(paint("dim", line.trimEnd())),
    event(event) {
      if (event.type === "sign")
        keep(`  ${paint(event.ends ? "red" : "yellow", `! ${event.means} (${event.id})`)}\n      ${event.line.trim()}`);
      if (event.type !== "phase") return;
      const over = standing && paint("green", phaseLine(standing, event.at));
      standing = lasting.has(event.phase) ? undefined : { phase: event.phase, since: event.at, expectedMs: event.expectedMs };
      if (over !== undefined) keep(over);
      if (event.phase === "firmware" && event.boot > 1) keep(`  boot ${event.boot}`);
      if (!standing && event.phase !== "ready") keep(`  ${event.phase}`);
      draw();
    },
    close() {
      closed = true;
      clearInterval(timer);
      standing = undefined;
      update?.clear();
      update?.done();
    },
  };
}

/** Phases that do not lead to another one by themselves. */
const lasting: ReadonlySet<Phase> = new Set(["ready", "off", "crashed"]);

function phaseLine({ phase, since, expectedMs }: Standing, until: number): string {
  const usual = expectedMs === undefined ? "" : `  (usually ${durationWords(expectedMs)})`;
  return `  ${phase.padEnd(10)}  ${durationWords(until - since)}${usual}`;
}
