import { hitOf, type Hit, type Standing } from "./matcher.ts";
import type { SignatureSet } from "./signature-set.ts";

/**
 * Finds the signatures of menus: pictures drawn with cursor movement, which no line shows. To be asked when the console has gone quiet.
 * Gives the first signature of the first row that bears one.
 */
export function lookAtScreen(
  set: SignatureSet,
  screen: string,
  standing: Standing,
  position: Pick<Hit, "offset" | "byte">,
): Hit | undefined {
  if (!set.isWorthLooking(standing.phase)) return undefined;
  for (const row of screen.split("\n")) {
    const borne: number[] = [];
    const { foundAtEnd } = set.automaton.read(set.automaton.start, row, (found) => borne.push(...found));
    const found = set.first([...borne, ...foundAtEnd], standing.phase);
    if (found) return hitOf(found.signature, standing, { line: row.trim(), ...position });
  }
  return undefined;
}
