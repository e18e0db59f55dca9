import type { RefObject } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Row } from "./matrix.ts";
import type { Selection } from "./select.ts";

const rowsInBlock = 15;
/** Drawn at once, before anything is known about what is seen. */
const drawnFirst = 2;
/** So few are drawn without asking. */
const fewRows = 60;
/** Beyond this a printed table would be a ream of paper. */
const mostPrinted = 3000;

export interface RowBlock {
  readonly id: number;
  readonly rows: readonly Row[];
  readonly drawn: boolean;
  /** Height it had when it was drawn, in pixels. */
  readonly height: number | undefined;
}

/** Cuts the rows into blocks and says which are near what is seen. A block not drawn keeps its place. */
export function useBlocks(scroller: RefObject<HTMLElement | null>, suites: Selection["suites"]) {
  const bySuite = useMemo(() => {
    let id = 0;
    return new Map(
      suites.map(({ suite, rows }) => {
        const own: { id: number; rows: readonly Row[] }[] = [];
        for (let at = 0; at < rows.length; at += rowsInBlock) own.push({ id: id++, rows: rows.slice(at, at + rowsInBlock) });
        return [suite, own];
      }),
    );
  }, [suites]);
  const [near, setNear] = useState<ReadonlySet<number>>(new Set());
  const [printing, setPrinting] = useState(false);
  const heights = useRef(new Map<number, number>());
  useEffect(() => {
    setNear(new Set());
    heights.current = new Map();
  }, [suites]);
  useEffect(() => {
    const watcher = new IntersectionObserver(
      (entries) => {
        setNear((old) => {
          const next = new Set(old);
          for (const { target, isIntersecting, boundingClientRect } of entries) {
            const block = Number((target as HTMLElement).dataset["block"]);
            if (isIntersecting) next.add(block);
            // One that holds the focus stays, or the focus would be lost with it.
            else if (next.has(block) && !target.contains(document.activeElement)) {
              heights.current.set(block, boundingClientRect.height);
              next.delete(block);
            }
          }
          return next;
        });
      },
      { root: scroller.current, rootMargin: "400px 0px" },
    );
    for (const block of scroller.current?.querySelectorAll("[data-block]") ?? []) watcher.observe(block);
    return () => watcher.disconnect();
  }, [bySuite, scroller, [...bySuite.keys()].length, near.size === 0]);
  useEffect(() => {
    const print = matchMedia("print");
    const follow = () => setPrinting(print.matches);
    follow();
    print.addEventListener("change", follow);
    return () => print.removeEventListener("change", follow);
  }, []);
  const draw = useCallback(
    (row: number) => {
      for (const blocks of bySuite.values())
        for (const { id, rows } of blocks)
          if (rows.some((one) => one.row === row)) setNear((old) => (old.has(id) ? old : new Set([...old, id])));
    },
    [bySuite],
  );
  const total = suites.reduce((sum, { rows }) => sum + rows.length, 0);
  const whole = total <= fewRows || (printing && total <= mostPrinted);
  const of = ({ suite }: { suite: string }): RowBlock[] =>
    (bySuite.get(suite) ?? []).map((block) => ({
      ...block,
      drawn: whole || block.id < drawnFirst || near.has(block.id),
      height: heights.current.get(block.id),
    }));
  return { of, draw };
}
