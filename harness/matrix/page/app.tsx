import { useCallback, useEffect, useMemo } from "preact/hooks";
import { Uncertified } from "./certificate.tsx";
import { Attention } from "./attention.tsx";
import { Compare } from "./compare.tsx";
import { Filters } from "./filters.tsx";
import { Gate, GateLine } from "./gate.tsx";
import { Grid } from "./grid.tsx";
import { Guard } from "./guard.tsx";
import { Keys } from "./keys.tsx";
import { Legend, NotApplicable } from "./legend.tsx";
import type { Matrix } from "./matrix.ts";
import { Problems, Runs } from "./runs.tsx";
import { select } from "./select.ts";
import { StoryPage } from "./story.tsx";
import { Summary } from "./summary.tsx";
import { Tabs } from "./tabs.tsx";
import { Trends } from "./trends.tsx";
import { useView } from "./use-view.ts";
import { everything } from "./view.ts";

export function App({ matrix }: { matrix: Matrix }) {
  const [view, change] = useView();
  const { image, target, query, marks, outcomes, verdicts } = view;
  const selection = useMemo(
    () => select(matrix, { image, target, query, marks, outcomes, verdicts }),
    [matrix, image, target, query, marks, outcomes, verdicts],
  );
  const open = useMemo(() => (view.cell === "" ? undefined : matrix.named(view.cell)), [matrix, view.cell]);
  const show = useCallback((cell: number) => change({ cell: matrix.name(cell) }, "new"), [change, matrix]);
  const close = useCallback(() => change({ cell: "" }, "new"), [change]);
  // What was left comes back where it was, and with it the focus.
  useEffect(() => {
    if (open === undefined) return undefined;
    return () =>
      requestAnimationFrame(() => {
        if (document.activeElement === document.body) document.querySelector<HTMLElement>(`[data-cell="${open}"]`)?.focus();
      });
  }, [open]);
  useEffect(() => {
    const where =
      open === undefined ? "" : `${matrix.rowOf(open).test} on ${matrix.columnOf(open).image} × ${matrix.columnOf(open).target} · `;
    document.title = `${where}Compatibility matrix`;
  }, [matrix, open]);

  return (
    <>
      <a class="skip" href="#" onClick={(event) => (event.preventDefault(), document.querySelector<HTMLElement>("main")?.focus())}>
        Skip to content
      </a>
      {open !== undefined && (
        <StoryPage key={open} matrix={matrix} cell={open} selection={selection} onOpen={show} onClose={close} change={change} />
      )}
      <div hidden={open !== undefined} class="whole">
        <header>
          <Summary matrix={matrix} />
          <Tabs page={view.page} gated={matrix.index.decision !== undefined} change={change} />
        </header>
        <main tabIndex={-1}>
          {view.cell !== "" && open === undefined && (
            <p class="missing" role="alert">
              <b>! There is no such cell:</b> <code>{view.cell}</code> is not in this matrix.
            </p>
          )}
          {view.page !== "gate" && <GateLine matrix={matrix} change={change} />}
          <Uncertified matrix={matrix} />
          <Problems problems={matrix.index.problems} />
          {view.page === "grid" && (
            <>
              <Attention matrix={matrix} onOpen={show} />
              <Filters matrix={matrix} selection={selection} view={view} change={change} />
              {selection.found > 0 ? (
                <Grid matrix={matrix} selection={selection} onOpen={show} />
              ) : (
                <p class="nothing">
                  {matrix.size === 0 ? "The runs hold no records and planned no cells." : "No cell matches. "}
                  {matrix.size > 0 && <button onClick={() => change(everything)}>Show everything</button>}
                </p>
              )}
              <Legend matrix={matrix} />
              <NotApplicable matrix={matrix} onOpen={show} />
            </>
          )}
          <Guard key={view.page} what="This page">
            {view.page === "gate" && <Gate matrix={matrix} change={change} onOpen={show} />}
            {view.page === "compare" && <Compare matrix={matrix} view={view} change={change} onOpen={show} />}
            {view.page === "trends" && <Trends matrix={matrix} view={view} change={change} />}
            {view.page === "runs" && <Runs matrix={matrix} />}
          </Guard>
        </main>
      </div>
      <Keys matrix={matrix} selection={selection} open={open} onOpen={show} onClose={close} />
    </>
  );
}
