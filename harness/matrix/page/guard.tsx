import type { ComponentChildren } from "preact";
import { useErrorBoundary } from "preact/hooks";
import { Missing } from "./use-piece.tsx";

/** Keeps what cannot be drawn, because its data is not what it should be, from taking the rest of the page with it. */
export function Guard({ what, children }: { what: string; children: ComponentChildren }) {
  const [error] = useErrorBoundary();
  if (error === undefined) return <>{children}</>;
  return <Missing what={what} why={error instanceof Error ? error.message : String(error)} />;
}
