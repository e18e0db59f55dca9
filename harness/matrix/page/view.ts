import type { Outcome } from "../../model/record.ts";
import type { Verdict } from "../gate/verdicts.ts";
import { outcomeWords } from "../outcome-words.ts";
import { verdictWords } from "../verdict-words.ts";

export const pages = ["grid", "gate", "compare", "trends", "runs"] as const;
export type PageName = (typeof pages)[number];

/** Marks a cell may have beside its outcome. */
export const marks = ["regressed", "flaky", "older", "certified", "uncertain"] as const;
export type Mark = (typeof marks)[number];

/** What the reader chose to see. Lives in the address, so a view can be sent to a colleague. */
export interface View {
  readonly page: PageName;
  readonly outcomes: readonly Outcome[];
  readonly verdicts: readonly Verdict[];
  readonly marks: readonly Mark[];
  readonly image: string;
  readonly target: string;
  readonly query: string;
  /** Name of the cell whose story is told. */
  readonly cell: string;
  /** The two releases that are compared: image, version and, for one build of it, digest. */
  readonly a: string;
  readonly b: string;
}

export const everything: View = {
  page: "grid",
  outcomes: [],
  verdicts: [],
  marks: [],
  image: "",
  target: "",
  query: "",
  cell: "",
  a: "",
  b: "",
};

export function readView(hash: string): View {
  const found = new URLSearchParams(hash.replace(/^#/, ""));
  const chosen = (found.get("outcome") ?? "").split(",");
  const judged = (found.get("verdict") ?? "").split(",");
  const marked = (found.get("only") ?? "").split(",");
  const text = (name: string) => found.get(name) ?? "";
  return {
    page: pages.find((page) => page === found.get("page")) ?? "grid",
    outcomes: outcomeWords.map((word) => word.outcome).filter((outcome) => chosen.includes(outcome)),
    verdicts: verdictWords.map((word) => word.verdict).filter((verdict) => judged.includes(verdict)),
    marks: marks.filter((mark) => marked.includes(mark)),
    ...{ image: text("image"), target: text("target"), query: text("q"), cell: text("cell"), a: text("a"), b: text("b") },
  };
}

export function writeView(view: View): string {
  const said = new URLSearchParams();
  if (view.page !== "grid") said.set("page", view.page);
  if (view.outcomes.length > 0) said.set("outcome", view.outcomes.join(","));
  if (view.verdicts.length > 0) said.set("verdict", view.verdicts.join(","));
  if (view.marks.length > 0) said.set("only", view.marks.join(","));
  for (const name of ["image", "target"] as const) if (view[name]) said.set(name, view[name]);
  if (view.query) said.set("q", view.query);
  for (const name of ["cell", "a", "b"] as const) if (view[name]) said.set(name, view[name]);
  return said.toString();
}
