import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Block, SuiteHead } from "./grid-rows.tsx";
import { ColumnHeads } from "./column-heads.tsx";
import type { Matrix } from "./matrix.ts";
import type { Selection } from "./select.ts";
import { useBlocks } from "./use-blocks.ts";

interface Props {
  readonly matrix: Matrix;
  readonly selection: Selection;
  readonly onOpen: (cell: number) => void;
}

/** Pixels that the names of the claims, and a cell with its word, want; where there are fewer, cells are symbols. */
const namesWidth = 320;
const cellWidth = 78;

/** The grid: only the rows near what is seen are drawn. One tab stop; the arrow keys, Home, End and the page keys walk it. */
export function Grid({ matrix, selection, onOpen }: Props) {
  const { columns, suites, matching } = selection;
  const scroller = useRef<HTMLElement>(null);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => suites.flatMap(({ suite, rows: own }) => (folded.has(suite) ? [] : own)), [suites, folded]);
  const blocks = useBlocks(scroller, suites);
  const [current, setCurrent] = useState(-1);
  const there = (cell: number) => matrix.there(cell);
  const shown = (cell: number) => cell >= 0 && matching[cell] === 1;
  const stop = shown(current) && !folded.has(matrix.rowOf(current).suite) ? current : firstOf(rows, columns, matrix, there);
  const wanted = useRef(-1);
  const walk = (event: KeyboardEvent) => {
    const from = event.target instanceof HTMLElement ? Number(event.target.dataset["cell"] ?? -1) : -1;
    const step = steps[event.key];
    if (!step || from < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = neighbour(rows, columns, matrix, from, step, there);
    if (next === undefined) return;
    setCurrent(next);
    blocks.draw(matrix.rowOf(next).row);
    // At once where it can be: the next key may follow before the page is drawn anew.
    if (!focusOn(scroller.current, next)) wanted.current = next;
  };
  useEffect(() => {
    if (wanted.current < 0) return;
    if (focusOn(scroller.current, wanted.current)) wanted.current = -1;
  });
  const fold = (suite: string) =>
    setFolded((old) => (old.has(suite) ? new Set([...old].filter((name) => name !== suite)) : new Set([...old, suite])));
  const tight = namesWidth + columns.length * cellWidth > useWidth();
  return (
    <section
      class={tight ? "grid tight" : "grid"}
      aria-label="Results"
      onKeyDown={walk}
      ref={scroller}
      style={{ "--columns": columns.length }}
    >
      <table aria-rowcount={rows.length} aria-colcount={columns.length}>
        <ColumnHeads matrix={matrix} columns={columns} />
        {suites.map((suite) => [
          <tbody key={suite.suite}>
            <SuiteHead matrix={matrix} suite={suite} columns={columns} folded={folded.has(suite.suite)} onFold={() => fold(suite.suite)} />
          </tbody>,
          ...(folded.has(suite.suite) ? [] : blocks.of(suite)).map((block) => (
            <Block
              key={`${suite.suite}\n${block.rows[0]!.row}`}
              {...{ matrix, columns, matching, stop, onOpen }}
              block={block}
              onFocus={setCurrent}
            />
          )),
        ])}
      </table>
    </section>
  );
}

function useWidth(): number {
  const [width, setWidth] = useState(innerWidth);
  useEffect(() => {
    const follow = () => setWidth(innerWidth);
    addEventListener("resize", follow);
    return () => removeEventListener("resize", follow);
  }, []);
  return width;
}

function focusOn(scroller: HTMLElement | null, cell: number): boolean {
  const button = scroller?.querySelector<HTMLElement>(`[data-cell="${cell}"]`);
  button?.focus();
  button?.scrollIntoView({ block: "nearest", inline: "nearest" });
  return button !== null && button !== undefined;
}

type Step = readonly [down: number, right: number];
const far = Number.MAX_SAFE_INTEGER;
const steps: Readonly<Record<string, Step>> = {
  ...{ ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] },
  ...{ Home: [0, -far], End: [0, far], PageUp: [-20, 0], PageDown: [20, 0] },
};

type Rows = readonly { readonly row: number }[];

function firstOf(rows: Rows, columns: readonly number[], matrix: Matrix, there: (cell: number) => boolean): number {
  for (const { row } of rows) for (const column of columns) if (there(matrix.cell(row, column))) return matrix.cell(row, column);
  return -1;
}

/** The next cell that is there on the way; the last one there for a leap past the edge. */
function neighbour(
  rows: Rows,
  columns: readonly number[],
  matrix: Matrix,
  from: number,
  [down, right]: Step,
  there: (cell: number) => boolean,
) {
  let row = rows.findIndex((one) => one.row === matrix.rowOf(from).row);
  let column = columns.indexOf(from % matrix.columns.length);
  const leap = Math.abs(down) > 1 || Math.abs(right) > 1;
  const within = (at: number, length: number) => Math.max(0, Math.min(length - 1, at));
  row = leap ? within(row + down, rows.length) : row + down;
  column = leap ? within(column + right, columns.length) : column + right;
  const [back, aside] = leap ? [-Math.sign(down), -Math.sign(right)] : [down, right];
  for (; rows[row] !== undefined && columns[column] !== undefined; row += back, column += aside) {
    const cell = matrix.cell(rows[row]!.row, columns[column]!);
    if (there(cell)) return cell;
  }
  return undefined;
}
