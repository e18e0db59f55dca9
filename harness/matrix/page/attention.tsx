import { useState } from "preact/hooks";
import { firstLine, needsAttention } from "../attention.ts";
import type { MatrixCell } from "../document.ts";
import { wordOf } from "../outcome-words.ts";
import { plain, plural } from "./format.ts";
import { keyOf } from "./view.ts";

const shownAtFirst = 6;

export function Attention({ cells, onOpen }: { cells: readonly MatrixCell[]; onOpen: (key: string) => void }) {
  const [all, setAll] = useState(false);
  const list = needsAttention(cells);
  if (list.length === 0) return null;
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
                <p class="message">{plain(firstLine(cell))}</p>
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
