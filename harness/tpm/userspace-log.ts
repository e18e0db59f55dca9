import { z } from "zod";
import { HarnessError } from "../model/errors.ts";
import { bankNamed } from "./banks.ts";
import type { Measurement } from "./replay.ts";

const recordSchema = z.looseObject({
  pcr: z.number().int().min(0).max(23).optional(),
  nv_index: z.number().int().optional(),
  digests: z.array(z.object({ hashAlg: z.string(), digest: z.string().regex(/^([0-9a-fA-F]{2})+$/) })).min(1),
  content_type: z.string().optional(),
  content: z
    .looseObject({
      string: z.string().optional(),
      eventType: z.string().optional(),
      bootId: z.string().optional(),
      timestamp: z.number().optional(),
    })
    .optional(),
});

/** One measurement userspace logged. */
export interface UserspaceRecord {
  /** Position in the log, from 0. */
  readonly index: number;
  /** undefined for an extension of an NV index (`NvPCR`), which leaves every PCR alone. */
  readonly pcr: number | undefined;
  /** Bank name to digest in lower-case hex. */
  readonly digests: Readonly<Record<string, string>>;
  /** `phase`, `machine-id`, `filesystem`, …; undefined where the writer gave none. */
  readonly eventType: string | undefined;
  /** The measured text, e.g. `enter-initrd`; for secrets a description instead. */
  readonly text: string | undefined;
  readonly bootId: string | undefined;
}

const recordSeparator = 0x1e;

/**
 * Reads /run/log/systemd/tpm2-measure.log: RFC 7464 JSON text sequences, close to the JSON form of TCG's Canonical Event Log
 * (systemd's TPM2_PCR_MEASUREMENTS). An empty log gives no records. Throws HarnessError with the byte offset of a record that is cut short or not understood.
 */
export function parseUserspaceLog(bytes: Uint8Array): UserspaceRecord[] {
  const records: UserspaceRecord[] = [];
  let start = 0;
  while (start < bytes.length) {
    if (bytes[start] !== recordSeparator) throw malformed(start, "a record starts with the byte 0x1e");
    const next = bytes.indexOf(recordSeparator, start + 1);
    const end = next < 0 ? bytes.length : next;
    records.push(parseRecord(Buffer.from(bytes.subarray(start + 1, end)).toString("utf8"), start, records.length));
    start = end;
  }
  return records;
}

function parseRecord(text: string, offset: number, index: number): UserspaceRecord {
  if (!text.endsWith("\n")) throw malformed(offset, "the record is cut short: it ends with a line feed");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw malformed(offset, `the record is no JSON: ${(cause as Error).message}`);
  }
  const parsed = recordSchema.safeParse(json);
  if (!parsed.success) throw malformed(offset, z.prettifyError(parsed.error));
  const { pcr, nv_index: nvIndex, content } = parsed.data;
  if ((pcr === undefined) === (nvIndex === undefined)) throw malformed(offset, "a record extends either a `pcr` or an `nv_index`");
  const digests: Record<string, string> = {};
  for (const { hashAlg, digest } of parsed.data.digests) {
    const bank = bankNamed(hashAlg);
    if (digest.length !== bank.size * 2)
      throw malformed(offset, `a ${bank.name} digest of ${digest.length / 2} bytes, it has ${bank.size}`);
    if (bank.name in digests) throw malformed(offset, `a second ${bank.name} digest`);
    digests[bank.name] = digest.toLowerCase();
  }
  return { index, pcr, digests, eventType: content?.eventType, text: content?.string, bootId: content?.bootId };
}

function malformed(offset: number, what: string): HarnessError {
  return new HarnessError("OSB_USERSPACE_LOG", `userspace measurement log, byte ${offset}: ${what}`, {
    hint: "Read /run/log/systemd/tpm2-measure.log again; a record may have been written while it was read.",
  });
}

/** Everything the log says was extended into PCRs, in order. Append it to the firmware's measurements and replay both together. */
export function userspaceMeasurements(records: readonly UserspaceRecord[]): Measurement[] {
  return records.flatMap((record) => {
    if (record.pcr === undefined) return [];
    const what = [record.eventType, record.text].filter((part) => part !== undefined).join(" ");
    return [{ pcr: record.pcr, digests: record.digests, label: `userspace event ${record.index}: ${what || "(no description)"}` }];
  });
}
