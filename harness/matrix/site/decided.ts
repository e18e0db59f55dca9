import { decide, type Decision } from "../gate/decide.ts";
import type { JudgedCell } from "../gate/judge.ts";
import { verdicts } from "../gate/verdicts.ts";
import type { Policy } from "../gate/policy.ts";
import { seenIn, type Seen } from "../gate/seen.ts";
import type { Collected } from "./collect.ts";
import type { SiteDecision, StoryVerdict } from "./site-data.ts";
import type { Spill } from "./spill.ts";

/** What the gate is asked with. */
export interface GateQuestion {
  readonly policy: Policy;
  readonly baseline: { readonly names: readonly string[]; readonly seen: Seen } | undefined;
  readonly now: Date;
}

/** Beyond this a list helps nobody: the filters do. */
const mostReasons = 1000;

type Named = Pick<JudgedCell, "image" | "target" | "suite" | "test">;

/** The gate's decision on what a site shows, cell by cell. */
export class Decided {
  readonly #question: GateQuestion;
  readonly #decision: Decision;
  readonly #cells = new Map<string, Map<string, Map<string, JudgedCell>>>();
  readonly #waivers: ReadonlyMap<unknown, number>;

  /** Decides as `osbench gate` would, and gives cells that are expected and that nobody planned a place in the grid. */
  constructor(question: GateQuestion, collected: Collected, spill: Spill) {
    this.#question = question;
    this.#decision = decide(seenIn(collected, spill), question.policy, question.baseline?.seen, question.now);
    this.#waivers = new Map(this.#decision.waivers.map(({ waiver }, number) => [waiver, number]));
    for (const cell of this.#decision.cells) {
      collected.columns.number(cell.image, cell.target);
      collected.rows.number(cell.suite, cell.test);
      const column = JSON.stringify([cell.image, cell.target]);
      const suites = this.#cells.get(column) ?? new Map<string, Map<string, JudgedCell>>();
      this.#cells.set(column, suites);
      const tests = suites.get(cell.suite) ?? new Map<string, JudgedCell>();
      suites.set(cell.suite, tests);
      tests.set(cell.test, cell);
    }
  }

  at({ image, target, suite, test }: Named): JudgedCell | undefined {
    return this.#cells
      .get(JSON.stringify([image, target]))
      ?.get(suite)
      ?.get(test);
  }

  /** What the story of a cell says of its verdict. */
  told(named: Named): StoryVerdict | undefined {
    const cell = this.at(named);
    if (!cell) return undefined;
    const waiver = this.#waivers.get(cell.waiver);
    return { verdict: cell.verdict, ...(cell.why !== undefined && { why: cell.why }), ...(waiver !== undefined && { waiver }) };
  }

  /** For the page; `number` says where a cell stands in its grid. */
  summary(number: (cell: Named) => number): Omit<SiteDecision, "verdicts" | "absent"> {
    const { policy, baseline, now } = this.#question;
    const { exitCode, reasons, cells, waivers } = this.#decision;
    const counts = new Map(verdicts.map((verdict) => [verdict, 0]));
    for (const { verdict } of cells) counts.set(verdict, counts.get(verdict)! + 1);
    return {
      policy: policy.policy,
      ...(baseline && { baseline: baseline.names }),
      day: now.toISOString().slice(0, 10),
      exitCode,
      counts: Object.fromEntries([...counts].filter(([, count]) => count > 0)),
      reasons: reasons.slice(0, mostReasons).map(({ weight, text, cell }) => ({ weight, text, ...(cell && { cell: number(cell) }) })),
      moreReasons: Math.max(0, reasons.length - mostReasons),
      waivers: waivers.map(({ waiver: { at, ...waiver }, state, met, excused }) => ({
        ...waiver,
        at: `${at.file}:${at.line}`,
        state,
        met,
        excused,
      })),
    };
  }
}
