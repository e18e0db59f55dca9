import type { Matrix } from "./matrix.ts";
import type { ChangeKind, Release } from "./releases.ts";
import { changeOf, changes } from "./releases.ts";

/** Every claim in both releases, target by target: letters of the outcomes, what became of them, and whether the suite changed in between. */
export function compared(matrix: Matrix, a: Release, b: Release) {
  const targetOf = (column: number) => matrix.columns[column]!.target;
  const names = [...new Set([...a.editions.keys(), ...b.editions.keys()].map(targetOf))].sort();
  const targets = names.map((target) => ({
    target,
    before: [...a.editions.keys()].find((column) => targetOf(column) === target),
    after: [...b.editions.keys()].find((column) => targetOf(column) === target),
  }));
  const counts = Object.fromEntries(changes.map((kind) => [kind, 0])) as Record<ChangeKind, number>;
  let revised = 0;
  const rows = matrix.rows.map((row) => {
    const sides = targets.map(({ before, after }) => [
      before === undefined ? undefined : a.editions.get(before),
      after === undefined ? undefined : b.editions.get(after),
    ]);
    const pairs = sides.map(([x, y]) => [x?.outcomes[row.row] ?? " ", y?.outcomes[row.row] ?? " "] as const);
    const kinds = pairs.map(([before, after]) => changeOf(before, after));
    const other = sides.map(([x, y], index) => {
      const both = pairs[index]![0] !== " " && pairs[index]![1] !== " ";
      return both && x!.revisions[row.row] !== y!.revisions[row.row];
    });
    for (const kind of kinds) if (kind) counts[kind]++;
    revised += other.filter(Boolean).length;
    return { ...row, pairs, kinds, other };
  });
  return { rows, targets, counts, revised };
}
