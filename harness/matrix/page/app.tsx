import { useCallback, useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import type { PageData } from "../render-page.ts";
import { Attention } from "./attention.tsx";
import { Filters } from "./filters.tsx";
import { Grid } from "./grid.tsx";
import { Legend, NotApplicable } from "./legend.tsx";
import { Panel } from "./panel.tsx";
import { Problems, Runs } from "./runs.tsx";
import { Summary } from "./summary.tsx";
import type { View } from "./view.ts";
import { everything, keyOf, readView, select, writeView } from "./view.ts";

export function App({ matrix, recordings }: PageData) {
  const [view, setView] = useState<View>(() => readView(location.hash));
  const change = useCallback((part: Partial<View>) => setView((old) => ({ ...old, ...part })), []);
  useLayoutEffect(() => {
    const hash = writeView(view);
    if (hash !== location.hash.replace(/^#/, ""))
      history.replaceState(undefined, "", hash ? `#${hash}` : location.pathname + location.search);
  }, [view]);
  useEffect(() => {
    const follow = () => setView(readView(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);

  const cells = useMemo(() => new Map(matrix.cells.map((cell) => [keyOf(cell), cell])), [matrix]);
  const { image, query, outdated, outcomes } = view;
  const selection = useMemo(() => select(matrix, view), [matrix, image, query, outdated, outcomes]);
  const open = cells.get(view.cell);
  const show = useCallback((cell: string) => change({ cell }), [change]);
  const close = useCallback(() => {
    change({ cell: "" });
    document.querySelector<HTMLElement>("[data-cell][aria-expanded=true]")?.focus();
  }, [change]);

  return (
    <>
      <header>
        <Summary matrix={matrix} />
      </header>
      <main>
        <Problems problems={matrix.problems} />
        <Attention cells={matrix.cells} onOpen={show} />
        <Filters matrix={matrix} selection={selection} view={view} change={change} />
        {selection.columns.length > 0 ? (
          <Grid cells={cells} selection={selection} open={view.cell} onOpen={show} />
        ) : (
          <p class="nothing">
            {matrix.cells.length === 0 ? "The runs hold no records and planned no cells." : "No cell matches. "}
            {matrix.cells.length > 0 && <button onClick={() => setView(everything)}>Show everything</button>}
          </p>
        )}
        <Legend outdated={matrix.outdated > 0} />
        <NotApplicable cells={matrix.cells} onOpen={show} />
        <Runs runs={matrix.runs} />
      </main>
      {open && <Panel key={view.cell} cell={open} recordings={recordings} runs={matrix.runs} onClose={close} />}
    </>
  );
}
