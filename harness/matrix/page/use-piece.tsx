import { useEffect, useState } from "preact/hooks";
import { jsonPiece, textPiece } from "./pieces.ts";

export type Loaded<T> =
  | { readonly state: "loading" }
  | { readonly state: "there"; readonly value: T }
  | { readonly state: "gone"; readonly why: string };

/** A piece as it comes. */
export function useJson<T>(name: string | undefined): Loaded<T> {
  return useLoaded(name, jsonPiece<T>);
}

export function useText(name: string | undefined): Loaded<string> {
  return useLoaded(name, textPiece);
}

function useLoaded<T>(name: string | undefined, load: (name: string) => Promise<T>): Loaded<T> {
  const [loaded, setLoaded] = useState<{ name: string | undefined; is: Loaded<T> }>({ name, is: { state: "loading" } });
  useEffect(() => {
    if (name === undefined) return;
    let stale = false;
    load(name).then(
      (value) => !stale && setLoaded({ name, is: { state: "there", value } }),
      (error: unknown) => !stale && setLoaded({ name, is: { state: "gone", why: error instanceof Error ? error.message : String(error) } }),
    );
    return () => {
      stale = true;
    };
  }, [name]);
  return loaded.name === name ? loaded.is : { state: "loading" };
}

/** In the place of something that did not come. */
export function Missing({ what, why }: { what: string; why: string }) {
  return (
    <p class="missing" role="alert">
      <b>! {what} cannot be shown:</b> {why}.
    </p>
  );
}
