import { useState } from "preact/hooks";
import type { MatrixCell } from "../document.ts";
import { outcomeWords, wordOf } from "../outcome-words.ts";
import { plain, plural } from "./format.ts";
import { keyOf } from "./view.ts";

const shownAtFirst = 6;

/** Failures and errors, the same message of one test on several columns once. */
export function Attention({ cells, onOpen }: { cells: readonly MatrixCell[]; onOpen: (key: string) => void }) {
  const [all, setAll] = useState(false);
  const groups = new Map<string, MatrixCell[]>();
  for (const { outcome } of outcomeWords.slice(0, 2)) {
    for (const cell of cells.filter((each) => each.outcome === outcome)) {
      const key = [outcome, cell.suite, cell.test, messageOf(cell)].join("\n");
      groups.set(key, [...(groups.get(key) ?? []), cell]);
    }
  }
  if (groups.size === 0) return null;
  const list = [...groups.values()];
  return (
    <section aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      <ul class="attention">
        {list.slice(0, all ? list.length : shownAtFirst).map((group) => {
          const cell = group[0]!;
          const { symbol, label } = wordOf(cell.outcome);
          return (
            <li>
              <span class={`badge ${cell.outcome}`}>
                <span aria-hidden="true">{symbol}</span> {label}
              </span>
              <div>
                <p class="name">
                  {cell.suite} › {cell.test}
                </p>
                <p class="message">{messageOf(cell)}</p>
                <p class="where">
                  {group.map((each) => (
                    <button class="link" onClick={() => onOpen(keyOf(each))}>
                      {each.image} × {each.target}
                      {each.history[0]?.outcome === "pass" && <small> passed before</small>}
                    </button>
                  ))}
                </p>
              </div>
            </li>
          );
        })}
      </ul>
      {!all && list.length > shownAtFirst && (
        <button class="link" onClick={() => setAll(true)}>
          Show {plural(list.length - shownAtFirst, "more", "more")}
        </button>
      )}
    </section>
  );
}

function messageOf(cell: MatrixCell): string {
  return plain(cell.failure?.message.split("\n")[0] ?? cell.reason ?? "no message recorded");
}
