import type { Signature } from "./signature.ts";

/** A signature that a console line bore. */
export interface Hit {
  readonly signature: Signature;
  readonly line: string;
  /** Position of the line in the console's text. */
  readonly offset: number;
}

/** Watches console lines as they come and tells each hit once, also when its line has no end yet (a prompt). */
export class Matcher {
  readonly #signatures: readonly { signature: Signature; pattern: RegExp }[];
  readonly #any: RegExp;
  readonly #tell: (hit: Hit) => void;
  #told: { readonly offset: number; readonly id: string } | undefined;

  constructor(signatures: readonly Signature[], tell: (hit: Hit) => void) {
    this.#signatures = signatures.map((signature) => ({ signature, pattern: new RegExp(signature.pattern) }));
    // Nearly every line means nothing: one test says so.
    this.#any = new RegExp(signatures.map(({ pattern }) => `(?:${pattern})`).join("|"));
    this.#tell = tell;
  }

  line(line: string, offset: number, _ended: boolean): void {
    if (!this.#any.test(line)) return;
    const found = this.#signatures.find(({ pattern }) => pattern.test(line));
    if (!found || (this.#told?.offset === offset && this.#told.id === found.signature.id)) return;
    this.#told = { offset, id: found.signature.id };
    this.#tell({ signature: found.signature, line, offset });
  }
}
