import type { CellRecord } from "../model/record.ts";
import type { Book } from "./book.ts";
import { cellKey } from "./cell.ts";
import { cellOf, type Ledger } from "./ledger.ts";
import type { Plan, PlannedSuite } from "./plan.ts";

export interface SpoiltSuite {
  readonly project: string;
  readonly suite: PlannedSuite;
  /** What the host or the emulator did, from the first record that says so. */
  readonly why: string;
}

/** Whose faults may be over when the same is tried again. Those of the harness are bugs: trying again would hide them. */
const passing: readonly string[] = ["emulator", "host"];

/** The suites whose records say that the emulator or the host, not the image, spoilt a cell. */
export function spoiltByHost(plan: Plan, book: Pick<Book, "cells">, ledger: Pick<Ledger, "records">): SpoiltSuite[] {
  const spoilt = new Map(ledger.records.filter(isSpoilt).map((record) => [keyOf(record), record]));
  const found: SpoiltSuite[] = [];
  for (const { project } of plan.combinations) {
    for (const suite of plan.suites) {
      const record = book
        .cells(project, suite.file)
        .map((cell) => spoilt.get(cellKey(cellOf(cell))))
        .find(Boolean);
      if (record) found.push({ project, suite, why: record.failure?.message.split("\n")[0] ?? "" });
    }
  }
  return found;
}

function isSpoilt({ outcome, failure }: CellRecord): boolean {
  return outcome === "error" && passing.includes(failure?.diagnosis?.fault ?? "");
}

function keyOf({ image, target, suite, test }: CellRecord): string {
  return cellKey({ image: image.name, target: target.name, suite: suite.name, test });
}
