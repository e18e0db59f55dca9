import { createHash } from "node:crypto";
import type { RunProvenance } from "../../model/record.ts";
import type { Damage } from "../read-run.ts";
import { recordsFile } from "../read-run.ts";
import { BootTimes } from "./boot-times.ts";
import { Columns } from "./columns.ts";
import { Interner } from "./interner.ts";
import { Rows } from "./rows.ts";
import type { RunHead } from "./run-head.ts";
import { cellsOfLostShards, plannedOf } from "./run-head.ts";
import { scanRecords } from "./scan-records.ts";
import { packSighting } from "./sighting-line.ts";
import type { Spill } from "./spill.ts";

/** What is known once every record was read once. Grows with rows, columns and runs, not with records. */
export interface Collected {
  readonly heads: readonly RunHead[];
  readonly columns: Columns;
  readonly rows: Rows;
  readonly texts: Interner;
  readonly boots: BootTimes;
  /** By run directory. */
  readonly records: readonly number[];
  readonly damage: readonly Damage[][];
}

const longestMessage = 400;

/** Reads every record once, in the order of the runs, and leaves in `spill` what each says of its cell. */
export async function collect(heads: readonly RunHead[], spill: Spill): Promise<Collected> {
  const columns = new Columns();
  const rows = new Rows();
  const texts = new Interner();
  texts.number("");
  const boots = new BootTimes();
  const records: number[] = [];
  const damage: Damage[][] = [];
  const shared = new Set(heads.map(({ run }) => run).filter((run, index, all) => all.indexOf(run) !== index));
  let sequence = 0;
  for (const [number, head] of heads.entries()) {
    const found = [...head.damage];
    let count = 0;
    const foreign: string[] = [];
    let foreigners = 0;
    const plan = (planned: RunProvenance["planned"][number], message: string) => {
      const column = columns.number(planned.image, planned.target);
      const version = versionPlanned(head, planned.image);
      columns.planned(column, head.started, version);
      spill.add(
        rows.number(planned.suite, planned.test),
        packSighting({
          ...{ column, head: number, offset: -1, bytes: 0, started: head.started, sequence: sequence++ },
          ...{ outcome: "not-run", durationMs: 0, attempts: 0 },
          // An image built for several architectures has several digests, and the plan does not say which.
          ...{ version: texts.number(version), digest: 0, suiteDigest: 0, hash: "", message },
        }),
      );
    };
    for (const planned of await plannedOf(head)) plan(planned, reasonMissed(head));
    for (const { cell, why } of await cellsOfLostShards(head, heads)) plan(cell, why);
    for await (const { record, text, offset, bytes } of head.hasRecords
      ? scanRecords(head.folder, head.given, (one) => found.push(one))
      : []) {
      count++;
      if (record.run !== head.run && foreigners++ === 0) foreign.push(record.run);
      const started = Date.parse(record.started);
      const column = columns.number(record.image.name, record.target.name);
      const row = rows.number(record.suite.name, record.test);
      columns.recorded(column, started, record);
      rows.recorded(started, record.suite);
      boots.add(column, record);
      const { outcome, durationMs, attempts } = record;
      const message = (record.failure?.message.split("\n", 1)[0] ?? record.reason ?? "").slice(0, longestMessage);
      spill.add(
        row,
        packSighting({
          ...{ column, head: number, offset, bytes, started, sequence: sequence++, outcome, durationMs, attempts },
          ...{ version: texts.number(record.image.version), digest: texts.number(record.image.digest) },
          ...{ suiteDigest: texts.number(record.suite.digest), hash: shared.has(head.run) ? hashOf(text) : "", message },
        }),
      );
    }
    if (foreigners > 0) {
      const what = `${foreigners} records say they are of run ${foreign[0]}, not ${head.run}`;
      found.push({ folder: head.folder, file: recordsFile, line: undefined, what, kept: "all of them" });
    }
    records.push(count);
    damage.push(found);
    rows.endOfRun();
    boots.endOfRun(head.run, head.started);
  }
  return { heads, columns, rows, texts, boots, records, damage };
}

export function reasonMissed({ provenance }: RunHead): string {
  return `planned, but ${provenance?.finished === undefined ? "the run did not finish" : "the run finished without a record of it"}`;
}

function versionPlanned({ provenance }: RunHead, image: string): string {
  const versions = new Set((provenance?.images ?? []).filter(({ name }) => name === image).map(({ version }) => version));
  return versions.size === 1 ? [...versions][0]! : "";
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64").slice(0, 24);
}
