import type { Hit } from "../diagnosis/matcher.ts";

const kernelTime = /\[ *\d+\.\d+\]/;

/** When the console last said something, on the clock of `performance.now()`, and what was typed. */
export interface Conversation {
  lastOutput(): number;
  /** Bytes anybody has typed so far. */
  typed(): number;
}

/**
 * Keeps signs that count only if nothing follows: questions to a person that somebody else may yet answer (a countdown, a TPM, a test that
 * types). One timer, set for the moment the console will have been quiet long enough, and set again if it was not.
 */
export class Questions {
  readonly #conversation: Conversation;
  readonly #standing: (hit: Hit) => void;
  #open: { readonly hit: Hit; readonly asked: number; readonly typed: number; timer: NodeJS.Timeout } | undefined;

  constructor(conversation: Conversation, standing: (hit: Hit) => void) {
    this.#conversation = conversation;
    this.#standing = standing;
  }

  /** A question was asked. The latest counts; one that stands already goes on standing. */
  ask(hit: Hit): void {
    if (this.#open?.hit.signature === hit.signature) return;
    this.drop();
    const asked = this.#conversation.lastOutput();
    // A screen is looked at only after a while of rest, which is part of the silence.
    const rest = Math.max(0, (hit.signature.quiet ?? 0) * 1000 - (performance.now() - asked));
    this.#open = { hit, asked, typed: this.#conversation.typed(), timer: this.#later(rest) };
  }

  /** The console said another line. Unless it is the kernel's, who talks at any time, or only a person can answer, somebody has answered. */
  said(line: string): void {
    const open = this.#open;
    if (!open || open.hit.signature.insists || open.hit.signature.on === "screen" || open.hit.line.startsWith(line)) return;
    if (!kernelTime.test(line)) this.drop();
  }

  /** The boot went on, or is over. */
  drop(): void {
    clearTimeout(this.#open?.timer);
    this.#open = undefined;
  }

  #later(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#look(), ms).unref();
  }

  #look(): void {
    const open = this.#open;
    if (!open) return;
    const { hit, asked, typed } = open;
    if (this.#conversation.typed() !== typed) return this.drop();
    const wanted = (hit.signature.quiet ?? 0) * 1000;
    const quiet = performance.now() - Math.max(this.#conversation.lastOutput(), asked);
    if (quiet < wanted) open.timer = this.#later(wanted - quiet + 1);
    else {
      this.drop();
      this.#standing(hit);
    }
  }
}
