import { flushSync } from "preact/compat";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Matrix } from "./matrix.ts";
import type { Selection } from "./select.ts";

interface Props {
  readonly matrix: Matrix;
  readonly selection: Selection;
  readonly open: number | undefined;
  readonly onOpen: (cell: number) => void;
  readonly onClose: () => void;
}

const keys: readonly (readonly [string, string])[] = [
  ["/", "search"],
  ["arrows, Home, End, PgUp, PgDn", "walk the grid"],
  ["Enter", "open the story of a cell"],
  ["n, p", "next, previous cell that needs attention, among those shown"],
  ["Esc", "back to the grid"],
  ["?", "these keys"],
];

/** The keys of the page as a whole. A key alone does something only where nobody types. */
export function Keys({ matrix, selection, open, onOpen, onClose }: Props) {
  const help = useRef<HTMLDialogElement>(null);
  // As soon as what is drawn changes: a key that comes next must not be understood as before.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const typing = event.target instanceof HTMLElement && event.target.matches("input, select, textarea");
      if (event.key === "Escape") {
        if (typing) (event.target as HTMLElement).blur();
        // In full screen Escape is the browser's.
        else if (open !== undefined && !document.fullscreenElement && !help.current?.open) onClose();
        return;
      }
      if (typing) return;
      if (event.key === "/") {
        event.preventDefault();
        // Drawn at once: what is typed next belongs into the field.
        if (open !== undefined) flushSync(onClose);
        document.querySelector<HTMLElement>("input[type=search]")?.focus();
      } else if (event.key === "?") help.current?.showModal();
      else if (event.key === "n" || event.key === "p") {
        const next = nextBroken(matrix, selection, open ?? focused(), event.key === "n" ? 1 : -1);
        if (next !== undefined) onOpen(next);
      }
    };
    // Captured, because the player keeps the keys it gets to itself.
    addEventListener("keydown", press, true);
    return () => removeEventListener("keydown", press, true);
  }, [matrix, selection, open, onOpen, onClose]);
  return (
    <dialog ref={help} class="keys" aria-labelledby="keys">
      <h2 id="keys">Keys</h2>
      <dl>
        {keys.map(([key, does]) => (
          <div>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button class="button">Close</button>
      </form>
    </dialog>
  );
}

function focused(): number | undefined {
  const cell = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["cell"] : undefined;
  return cell === undefined ? undefined : Number(cell);
}

/** The next failure, error or cell that is missed among the cells that match, going round at the end. */
export function nextBroken(matrix: Matrix, { matching }: Selection, from: number | undefined, step: 1 | -1): number | undefined {
  const size = matching.length;
  let cell = from ?? (step > 0 ? -1 : size);
  for (let looked = 0; looked < size; looked++) {
    cell = (cell + step + size) % size;
    const outcome = matrix.outcome(cell);
    if (matching[cell] === 1 && (outcome === "fail" || outcome === "error" || matrix.absent(cell) !== undefined) && cell !== from)
      return cell;
  }
  return undefined;
}
