import { judge, sameSuite, type JudgedCell } from "./judge.ts";
import type { Policy, Waiver } from "./policy.ts";
import type { Seen, SeenCell } from "./seen.ts";
import type { Verdict, Weight } from "./verdicts.ts";
import { newestBuilds } from "./newest-builds.ts";
import { judgeWaivers, type JudgedWaiver } from "./waivers.ts";

export interface Reason {
  readonly weight: Weight;
  readonly text: string;
  /** The cell it is about, where it is about one. */
  readonly cell?: Pick<JudgedCell, "image" | "target" | "suite" | "test">;
}

export interface Decision {
  /** 0 open, 1 an image is at fault, 2 the harness or its input is: nothing can be said. */
  readonly exitCode: 0 | 1 | 2;
  /** Why the gate is closed, then what else is worth knowing; shortest first. */
  readonly reasons: readonly Reason[];
  readonly cells: readonly JudgedCell[];
  /** What became of each waiver, in the order of the policy. */
  readonly waivers: readonly JudgedWaiver[];
}

const weights: Readonly<Partial<Record<Verdict, Weight>>> = {
  regressed: "image",
  "new-failure": "image",
  "still-failing": "image",
  flaky: "image",
  missing: "harness",
  error: "harness",
  fixed: "note",
  "unexpected-pass": "note",
  "known-issue": "note",
};

/** Decides whether a release may go out, by what was seen now, a policy, and what was seen before. */
export function decide(current: Seen, policy: Policy, baseline: Seen | undefined, now: Date): Decision {
  const newest = newestBuilds(current.cells);
  const before = new Map(baseline?.cells.map((cell) => [keyOf(cell), cell]));
  const judged = current.cells.map((cell) => judge(cell, { policy, baseline: before.get(keyOf(cell)), newest: newest(cell), now }));
  const cells = [...judged, ...missing(judged, policy)].map(stillNeeded(judged)).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const waivers = judgeWaivers(cells, policy, now);
  const reasons = [
    ...cells.flatMap((cell) => reasonOf(cell, policy)),
    ...waivers.flatMap(waiverReasons),
    ...current.damage.map((what): Reason => ({ weight: "harness", text: `damaged: ${what}` })),
    // What passed then may be in what cannot be read.
    ...(baseline?.damage ?? []).map((what): Reason => ({ weight: "harness", text: `damaged baseline: ${what}` })),
    ...ofTheFuture(current.cells, now),
    ...(current.cells.length === 0 ? [{ weight: "harness" as const, text: "there is no outcome of any cell" }] : []),
    ...notTried(current.cells, before),
    ...notCompared(current.cells, before),
  ].sort((a, b) => order.indexOf(a.weight) - order.indexOf(b.weight) || a.text.length - b.text.length || (a.text < b.text ? -1 : 1));
  const exitCode = reasons.some(({ weight }) => weight === "image") ? 1 : reasons.some(({ weight }) => weight === "harness") ? 2 : 0;
  return { exitCode, reasons, cells, waivers };
}

const order: readonly Weight[] = ["image", "harness", "note"];

function reasonOf({ verdict, why, image, target, suite, test }: JudgedCell, policy: Policy): Reason[] {
  const weight = weights[verdict];
  if (weight === undefined) return [];
  const tolerated = policy.tolerate.some((one) => one === verdict);
  const text = `${verdict}: ${image} × ${target}, ${suite} › ${test}${why === undefined ? "" : `: ${why}`}`;
  return [{ weight: tolerated ? "note" : weight, text, cell: { image, target, suite, test } }];
}

/** Cells the policy names and nobody has an outcome of. One that does not apply is not what was expected. */
function missing(cells: readonly JudgedCell[], policy: Policy): JudgedCell[] {
  const of = (image: string, target: string, suite: string) =>
    cells.filter((cell) => cell.image === image && cell.target === target && cell.suite === suite);
  const absent = (image: string, target: string, suite: string, test: string, why: string): JudgedCell => ({
    ...{ image, target, suite, test, why },
    verdict: "missing",
    waiver: undefined,
  });
  return policy.expected.flatMap(({ image: images, target: targets, suite: suites, tests }) =>
    images.flatMap((image) =>
      targets.flatMap((target) =>
        suites.flatMap((suite) => {
          const found = of(image, target, suite);
          const tried = found.filter(({ verdict }) => verdict !== "not-applicable");
          if (tests === undefined)
            return tried.length > 0 ? [] : [absent(image, target, suite, "any test", expectedBut(found, "there is no outcome"))];
          return tests
            .filter((test) => !tried.some((cell) => cell.test === test))
            .map((test) =>
              absent(
                image,
                target,
                suite,
                test,
                expectedBut(
                  found.filter((cell) => cell.test === test),
                  "there is no outcome",
                ),
              ),
            );
        }),
      ),
    ),
  );
}

function expectedBut(found: readonly JudgedCell[], otherwise: string): string {
  return found.length === 0 ? `expected, but ${otherwise}` : `expected, but not applicable: ${found[0]?.why ?? "no reason was left"}`;
}

/** A waiver that other cells need is not contradicted by one that passes. */
function stillNeeded(judged: readonly JudgedCell[]): (cell: JudgedCell) => JudgedCell {
  const needed = waiversNeeded(judged);
  return (cell) =>
    cell.verdict === "unexpected-pass" && cell.waiver && needed.has(cell.waiver) ? { ...cell, verdict: "pass", why: undefined } : cell;
}

/** What does not apply wants no excuse unless it is given one; of what erred or is missing nobody knows. */
function waiversNeeded(cells: readonly JudgedCell[]): ReadonlySet<Waiver> {
  const idle: readonly Verdict[] = ["unexpected-pass", "not-applicable"];
  return new Set(cells.filter(({ verdict }) => !idle.includes(verdict)).flatMap(({ waiver }) => waiver ?? []));
}

/** A waiver that has run out is said, and so is one that nothing needs: both are somebody's to clear away. */
function waiverReasons({ waiver, state }: JudgedWaiver): Reason[] {
  const at = `${waiver.at.file}:${waiver.at.line}`;
  const about = `${at}: ${waiver.reason} (${waiver.owner}, ${waiver.tracker})`;
  if (state === "expired") return [{ weight: "note", text: `expired waiver: ${about}, since ${waiver.expires}` }];
  return state === "unused" ? [{ weight: "note", text: `unused waiver: ${about}` }] : [];
}

/** Hosts' clocks differ, but not by so much. */
const mostAhead = 3_600_000;

/** The newest outcome counts: one that is dated ahead would count until that day, whatever came after it. */
function ofTheFuture(cells: readonly SeenCell[], now: Date): Reason[] {
  const ahead = cells.map(({ seen: [newest] }) => newest.started).filter((started) => Date.parse(started) > now.getTime() + mostAhead);
  if (ahead.length === 0) return [];
  const latest = ahead.sort().at(-1);
  const count = ahead.length === 1 ? "1 cell has an outcome" : `${ahead.length} cells have outcomes`;
  return [{ weight: "harness", text: `${count} of the future, the latest of ${latest}: newer ones cannot be told from older` }];
}

/** Cells of the baseline that were not even planned now. Not a fault by itself: what must be there is the policy's to name. */
function notTried(cells: readonly SeenCell[], before: ReadonlyMap<string, SeenCell>): Reason[] {
  const now = new Set(cells.map(keyOf));
  const gone = [...before.keys()].filter((key) => !now.has(key));
  if (gone.length === 0) return [];
  return [{ weight: "note", text: `${gone.length} cells of the baseline were not tried now` }];
}

/** Cells that passed or failed both times, of which nothing can be said beyond that. */
function notCompared(cells: readonly SeenCell[], before: ReadonlyMap<string, SeenCell>): Reason[] {
  const decided = ["pass", "fail"];
  const changed = cells.filter((cell) => {
    const [now] = cell.seen;
    const then = before.get(keyOf(cell))?.seen[0];
    return then !== undefined && decided.includes(now.outcome) && decided.includes(then.outcome) && !sameSuite(then, now);
  });
  if (changed.length === 0) return [];
  const suites = [...new Set(changed.map(({ suite }) => suite))].sort().join(", ");
  return [{ weight: "note", text: `${changed.length} cells not compared with the baseline: changed since: ${suites}` }];
}

function keyOf({ image, target, suite, test }: Pick<SeenCell, "image" | "target" | "suite" | "test">): string {
  return JSON.stringify([image, target, suite, test]);
}
