import { loadSignatures } from "../../diagnosis/signature.ts";
import type { Hit } from "../../diagnosis/matcher.ts";
import type { Examination } from "../../model/hardware.ts";
import type { Phase } from "../../model/phase.ts";
import { BootLog } from "../boot-log.ts";
import type { Expectations } from "../expected.ts";
import { BootWatch } from "../watch.ts";

const signatures = await loadSignatures();

/** What a watched machine does, as far as a watch can see; may change while it is watched. */
export interface Stage {
  readonly limits?: Partial<Record<Phase, number>>;
  readonly silence?: number;
  doing?: Examination["doing"];
  silentMs?: number;
  /** The share of its time the host had none for it. */
  starved?: number;
}

/** A watch over a machine that is only played. */
export function watched(stage: Stage = {}) {
  const log = new BootLog();
  const expected = {
    limit: (phase: Phase) => stage.limits?.[phase] ?? 600_000,
    silence: () => stage.silence ?? 600_000,
    median: () => 10,
  } as unknown as Expectations;
  const watch = new BootWatch(log, expected, {
    screen: () => "the screen",
    lastLines: () => "the lines",
    examine: async () => ({ doing: stage.doing ?? "halted", words: "processor 0: halted", starved: stage.starved }),
    silentMs: () => stage.silentMs ?? performance.now(),
  });
  const never = new AbortController().signal;
  const outcome = (boot: number, until: Phase) => watch.reached(boot, until, never).catch((error: unknown) => error);
  return { log, watch, reached: (boot: number, until: Phase) => watch.reached(boot, until, never), outcome };
}

/** A sign met on the console. */
export function hit(id: string, offset = 0, boot = 1): Hit {
  const signature = signatures.find((candidate) => candidate.id === id);
  if (!signature) throw new Error(`no signature ${id}`);
  return { signature, line: `the line of ${id}`, offset, byte: offset, boot, phase: signature.phase[0] as Phase, at: 0 };
}
