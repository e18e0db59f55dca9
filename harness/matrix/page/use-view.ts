import { useCallback, useEffect, useState } from "preact/hooks";
import type { View } from "./view.ts";
import { readView, writeView } from "./view.ts";

export type Change = (part: Partial<View>, place?: "new") => void;

/** The view and how to change it. `new` leaves a step for the browser's way back; everything else changes the address in place. */
export function useView(): [View, Change] {
  const [view, setView] = useState<View>(() => readView(location.hash));
  useEffect(() => {
    const follow = () => setView(readView(location.hash));
    addEventListener("hashchange", follow);
    addEventListener("popstate", follow);
    return () => {
      removeEventListener("hashchange", follow);
      removeEventListener("popstate", follow);
    };
  }, []);
  const change = useCallback<Change>((part, place) => {
    const next = { ...readView(location.hash), ...part };
    const hash = writeView(next);
    const address = hash ? `#${hash}` : location.pathname + location.search;
    if (place === "new") history.pushState(undefined, "", address);
    else history.replaceState(undefined, "", address);
    setView(next);
    if (place === "new" && part.cell) scrollTo(0, 0);
  }, []);
  return [view, change];
}
