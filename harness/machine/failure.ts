import type { Hit } from "../diagnosis/matcher.ts";
import { ClaimFailed, HarnessError, type OsbenchError } from "../model/errors.ts";
import type { Examination } from "../model/hardware.ts";
import type { Phase } from "../model/phase.ts";
import type { Culprit, Diagnosis } from "../model/record.ts";
import type { BootInProgress } from "./boot-log.ts";

/** What can be shown of a machine when a boot fails. */
export interface Picture {
  screen(): string;
  /** The last lines of the console since the position. */
  lastLines(from: number): string;
  examine(forMs?: number): Promise<Examination>;
}

/** What ended a boot, as far as its hardware or its silence tells; a console line that ends boots comes as `final`. */
export interface End {
  readonly code: string;
  readonly what: string;
  readonly boot: BootInProgress | undefined;
  /** Signs met on the console in this boot, in order. */
  readonly hits: readonly Hit[];
  readonly final?: Hit | undefined;
  /** What this is called when no sign on the console explains it. */
  readonly unexplained: Pick<Diagnosis, "id" | "means"> & { readonly fault: Culprit };
  readonly hint?: string | undefined;
  readonly processors?: Examination | undefined;
}

/**
 * Puts together the failure of a boot: what died and when, the likely cause, the lines, the screen. Whose fault it is decides its class:
 * ClaimFailed for the image, HarnessError for everybody else.
 */
export function failureOf(end: End, picture: Picture): OsbenchError {
  const { boot, hits, final, processors } = end;
  const cause = causeOf(end);
  const phase: Phase = cause?.phase ?? boot?.furthest ?? "off";
  const { id, means, fault } = cause?.signature ?? end.unexplained;
  const earlier = cause && cause !== final ? ` after this: ${cause.signature.means} (${id})` : "";
  const what = final ? (cause === final ? `${means} (${id})` : `${final.signature.means}${earlier}`) : `${end.what}${earlier}`;
  const hint = cause?.signature.hint ?? end.hint ?? final?.signature.hint;
  const details = {
    evidence: evidenceOf(hits, boot?.consoleStart ?? 0, processors, picture),
    diagnosis: { id, fault, phase, means },
    ...(hint !== undefined && { hint }),
  };
  const message = `${what}${boot ? ` in boot ${boot.number}, ${phase} phase` : ""}`;
  return fault === "image" ? new ClaimFailed(end.code, message, details) : new HarnessError(end.code, message, details);
}

/**
 * The earliest sign that explains the end: one the final sign names as its cause, or one that is not the image's fault, since what comes after
 * that proves nothing against the image. Of a hang, also a question that was asked, and a lockup that could not be confirmed when it was
 * reported. Else the final sign itself.
 */
function causeOf({ code, hits, final, processors }: End): Hit | undefined {
  const because = new Set(final?.signature.because);
  const explains = ({ signature: { id, fault, quiet, if: condition } }: Hit) => {
    if (because.has(id)) return true;
    if (fault === "image") return code === "OSB_STUCK" && (quiet !== undefined || condition !== undefined);
    // Processors that spin have been given time: then it is the kernel that does not use it.
    return !(fault === "host" && processors?.doing === "spinning");
  };
  return hits.find((hit) => hit !== final && explains(hit)) ?? final;
}

function evidenceOf(hits: readonly Hit[], start: number, processors: Examination | undefined, picture: Picture): Record<string, string> {
  const signs = hits.map(({ signature, line, byte, phase }) => `${signature.id} (${phase}, byte ${byte}): ${signature.means}\n    ${line}`);
  return {
    ...(processors && { processors: processors.words }),
    ...(signs.length > 0 && { "signs on the console": signs.join("\n") }),
    "last console lines": picture.lastLines(start),
    "last screen": picture.screen(),
  };
}
