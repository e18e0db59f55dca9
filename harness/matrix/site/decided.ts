import { decide, type Decision } from "../gate/decide.ts";
import type { JudgedCell } from "../gate/judge.ts";
import { observationsOf, seenIn } from "../gate/seen-runs.ts";
import type { CellName, SeenCell } from "../gate/seen.ts";
import { told, type GateQuestion } from "../gate/told.ts";
import type { MatrixDecision } from "../document.ts";
import type { Collected } from "./collect.ts";
import type { SightingLine } from "./sighting-line.ts";
import type { StoryVerdict } from "./site-data.ts";
import type { Spill } from "./spill.ts";

/** The gate's decision on what a site shows, cell by cell. Must be closed. */
export class Decided {
  readonly #question: GateQuestion;
  readonly #collected: Collected;
  readonly #decision: Decision;
  readonly #absent: ReadonlyMap<string, JudgedCell>;
  readonly #waivers: ReadonlyMap<unknown, number>;

  /** Decides as `osbench gate` would, and gives cells that are expected and that nobody planned a place in the grid. */
  constructor(question: GateQuestion, collected: Collected, spill: Spill) {
    this.#question = question;
    this.#collected = collected;
    this.#decision = decide(seenIn(collected, spill), question.policy, question.baseline?.seen, question.now);
    this.#waivers = new Map(this.#decision.waivers.map(({ waiver }, number) => [waiver, number]));
    for (const { image, target, suite, test } of this.#decision.absent) {
      collected.columns.number(image, target);
      collected.rows.number(suite, test);
    }
    this.#absent = new Map(this.#decision.absent.map((cell) => [keyOf(cell), cell]));
  }

  /** The verdict on a cell with these sightings, newest first. */
  judged(name: CellName, sightings: readonly SightingLine[]): StoryVerdict {
    const absent = this.absent(name);
    if (absent) return absent;
    const { image, target, suite, test } = name;
    const seen = observationsOf(sightings, this.#collected) as unknown as SeenCell["seen"];
    return this.#told(this.#decision.judged({ image, target, suite, test, seen }));
  }

  /** The verdict on a cell that is expected and has no outcome that applies; undefined for any other. */
  absent(name: CellName): StoryVerdict | undefined {
    if (this.#absent.size === 0) return undefined;
    const cell = this.#absent.get(keyOf(name));
    return cell && this.#told(cell);
  }

  summary(): MatrixDecision {
    return told(this.#decision, this.#question);
  }

  close(): void {
    this.#decision.close();
  }

  #told({ verdict, why, waiver }: JudgedCell): StoryVerdict {
    const number = waiver && this.#waivers.get(waiver);
    return { verdict, ...(why !== undefined && { why }), ...(number !== undefined && { waiver: number }) };
  }
}

function keyOf({ image, target, suite, test }: CellName): string {
  return JSON.stringify([image, target, suite, test]);
}
