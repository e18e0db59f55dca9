import { before, type Phase } from "../model/phase.ts";
import { Automaton } from "./automaton.ts";
import type { Signature } from "./signature.ts";

/** Signatures made ready to be looked for in lines or on screens. Machines may share one. */
export class SignatureSet {
  readonly automaton: Automaton;
  readonly #signatures: readonly Signature[];

  constructor(signatures: readonly Signature[], on: Signature["on"]) {
    this.#signatures = signatures.filter((one) => one.on === on);
    this.automaton = new Automaton(this.#signatures.map(({ pattern }) => pattern));
  }

  /** Whether any can be met in the phase. */
  isWorthLooking(phase: Phase): boolean {
    return this.#signatures.some((one) => isPossible(one, phase));
  }

  /** The first in the list of those whose patterns were found, before the given one, that can be met in the phase. */
  first(found: Iterable<number>, phase: Phase, below = Infinity): { signature: Signature; index: number } | undefined {
    let best = below;
    for (const index of found) if (index < best && isPossible(this.#signatures[index] as Signature, phase)) best = index;
    return best === below ? undefined : { signature: this.#signatures[best] as Signature, index: best };
  }
}

/** Whether a signature can be met in a phase: the console may lag behind the machine, never run ahead of it. */
function isPossible({ phase }: Signature, now: Phase): boolean {
  return now !== "crashed" && phase.some((one) => !before(one, now));
}
