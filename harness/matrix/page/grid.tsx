import { useMemo, useState } from "preact/hooks";
import type { MatrixCell, MatrixColumn } from "../document.ts";
import { wordOf } from "../outcome-words.ts";
import { CellButton } from "./cell-button.tsx";
import { shortDigest } from "./format.ts";
import type { Selection, ShownSuite } from "./view.ts";
import { keyOf } from "./view.ts";

interface Props {
  readonly cells: ReadonlyMap<string, MatrixCell>;
  readonly selection: Selection;
  readonly open: string;
  readonly onOpen: (key: string) => void;
}

/** One tab stop for the whole grid; the arrow keys walk it. */
export function Grid({ cells, selection, open, onOpen }: Props) {
  const { columns, suites, matching } = selection;
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [current, setCurrent] = useState("");
  const keys = useMemo(
    () =>
      suites.flatMap(({ suite, tests }) =>
        folded.has(suite) ? [] : tests.map((test) => columns.map(({ image, target }) => keyOf({ image, target, suite, test }))),
      ),
    [suites, columns, folded],
  );
  const stop = cells.has(current) && keys.some((row) => row.includes(current)) ? current : keys.flat().find((key) => cells.has(key));
  const walk = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (!step || !(event.target instanceof HTMLElement) || !event.target.dataset["cell"]) return;
    const next = neighbour(keys, event.target.dataset["cell"], step, (key) => cells.has(key));
    event.preventDefault();
    if (next !== undefined) document.querySelector<HTMLElement>(`[data-cell="${CSS.escape(next)}"]`)?.focus();
  };
  const fold = (suite: string) =>
    setFolded((old) => (old.has(suite) ? new Set([...old].filter((name) => name !== suite)) : new Set([...old, suite])));
  return (
    <section class="grid" aria-label="Results" onKeyDown={walk}>
      <table>
        <ColumnHeads columns={columns} />
        {suites.map((suite) => (
          <tbody>
            <SuiteHead suite={suite} columns={columns} cells={cells} folded={folded.has(suite.suite)} onFold={() => fold(suite.suite)} />
            {!folded.has(suite.suite) &&
              suite.tests.map((test) => (
                <tr>
                  <th scope="row">{test}</th>
                  {columns.map(({ image, target }) => {
                    const key = keyOf({ image, target, suite: suite.suite, test });
                    const cell = cells.get(key);
                    return (
                      <td>
                        {cell && (
                          <CellButton
                            cell={cell}
                            id={key}
                            dim={!matching.has(key)}
                            open={open === key}
                            stop={stop === key}
                            onFocus={setCurrent}
                            onOpen={onOpen}
                          />
                        )}
                      </td>
                    );
                  })}
                </tr>
              ))}
          </tbody>
        ))}
      </table>
    </section>
  );
}

const steps: Record<string, readonly [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function neighbour(
  keys: readonly (readonly string[])[],
  from: string,
  [down, right]: readonly [number, number],
  there: (key: string) => boolean,
): string | undefined {
  let row = keys.findIndex((line) => line.includes(from));
  let column = keys[row]?.indexOf(from) ?? 0;
  for (;;) {
    row += down;
    column += right;
    const key = keys[row]?.[column];
    if (key === undefined || there(key)) return key;
  }
}

function ColumnHeads({ columns }: { columns: readonly MatrixColumn[] }) {
  const images = [...new Set(columns.map((column) => column.image))];
  return (
    <thead>
      <tr>
        <td rowSpan={2} />
        {images.map((image) => {
          const own = columns.filter((column) => column.image === image);
          const versions = new Set(own.map((column) => column.version));
          return (
            <th scope="colgroup" colSpan={own.length} class="image">
              <span>
                {image} {versions.size === 1 && <small>{own[0]!.version}</small>}
              </span>
            </th>
          );
        })}
      </tr>
      <tr>
        {columns.map(({ image, target, version, digest, environment }, index) => (
          <th
            scope="col"
            class={index === 0 || columns[index - 1]!.image !== image ? "first" : ""}
            title={[
              version && `version ${version}`,
              digest && shortDigest(digest),
              environment?.firmware,
              environment?.accelerator,
              environment?.tpm,
            ]
              .filter(Boolean)
              .join("\n")}
          >
            {breakable(target)}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function SuiteHead({
  suite: { suite, whole, file },
  columns,
  cells,
  folded,
  onFold,
}: {
  suite: ShownSuite;
  columns: readonly MatrixColumn[];
  cells: ReadonlyMap<string, MatrixCell>;
  folded: boolean;
  onFold: () => void;
}) {
  return (
    <tr class="suite">
      <th scope="row">
        <button aria-expanded={!folded} onClick={onFold} title={file}>
          {suite}
        </button>
      </th>
      {columns.map(({ image, target }) => {
        const own = whole.flatMap((test) => cells.get(keyOf({ image, target, suite, test })) ?? []);
        const applied = own.filter((cell) => cell.outcome !== "not-applicable");
        const passed = applied.filter((cell) => cell.outcome === "pass").length;
        const worst = (["fail", "error", "not-run"] as const).find((outcome) => own.some((cell) => cell.outcome === outcome));
        if (own.length === 0) return <td />;
        const old = applied.some((cell) => cell.outdated.length > 0);
        const said = applied.length === 0 ? "n/a" : `${passed}/${applied.length}${old ? " ↺" : ""}`;
        return (
          <td
            class={worst ? `sum ${worst}` : "sum"}
            title={`${passed} of ${applied.length} that apply pass${worst ? `, worst: ${wordOf(worst).label}` : ""}${old ? ", some of an older image or suite" : ""}`}
          >
            {said}
          </td>
        );
      })}
    </tr>
  );
}

function breakable(name: string) {
  return name.split(/(?<=[-_.])/).flatMap((part, index) => (index === 0 ? [part] : [<wbr />, part]));
}
