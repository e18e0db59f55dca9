import type { Console } from "../console/console.ts";
import { hitOf, Matcher, type Hit, type Standing } from "../diagnosis/matcher.ts";
import { PhaseReader } from "../diagnosis/phases.ts";
import { lookAtScreen } from "../diagnosis/screen.ts";
import { SignatureSet } from "../diagnosis/signature-set.ts";
import type { Signature } from "../diagnosis/signature.ts";
import type { Phase } from "../model/phase.ts";
import type { BootLog } from "./boot-log.ts";
import { Questions } from "./questions.ts";

/** What an observer tells. */
export interface Observed {
  /** A sign that counts. */
  hit(hit: Hit): void;
  /** A question was asked; whether it counts is not known yet. */
  asked(hit: Hit): void;
}

/** A screen is looked at once nothing was drawn for so long. Milliseconds. */
const drawnMs = 1000;

/**
 * Reads a machine's console as it comes: phases into the log, signs to whoever listens. Questions are told when they have stood long enough,
 * menus are looked for on the screen when it has come to rest; nothing here polls.
 */
export class Observer {
  readonly #console: Console;
  readonly #log: BootLog;
  readonly #told: Observed;
  readonly #screens: SignatureSet;
  readonly #matcher: Matcher;
  readonly #questions: Questions;
  #screenTimer: NodeJS.Timeout | undefined;
  #silences: Partial<Record<Phase, number>> = {};
  #phaseBegan = performance.now();

  constructor(console: Console, log: BootLog, signatures: readonly Signature[], told: Observed) {
    this.#console = console;
    this.#log = log;
    this.#told = told;
    this.#screens = new SignatureSet(signatures, "screen");
    const conversation = { lastOutput: () => performance.now() - console.silentMs, typed: () => console.typed };
    this.#questions = new Questions(conversation, (hit) => this.#stands(hit));
    this.#matcher = new Matcher(
      new SignatureSet(signatures, "line"),
      (hit) => this.#found(hit),
      () => this.#standing(),
    );
    // Phases first: a sign belongs to the phase its own line begins.
    console.read(
      new PhaseReader(
        () => log.phase,
        (phase) => log.enter(phase),
      ),
    );
    console.read(this.#matcher);
    console.read({ line: (line, _offset, ended) => ended && this.#questions.said(line), told: () => this.#lookLater() });
    let last = performance.now();
    console.listen(() => {
      this.#heard(last);
      last = performance.now();
    });
    log.on("phase", (boot, phase) => {
      if (phase === boot.first) this.#silences = {};
      this.#phaseBegan = performance.now();
      this.#questions.drop();
    });
  }

  /** The longest silence of each phase of this boot so far, in milliseconds. */
  silences(): Partial<Record<Phase, number>> {
    return { ...this.#silences };
  }

  close(): void {
    this.#matcher.close();
    this.#questions.drop();
    clearTimeout(this.#screenTimer);
  }

  #standing(): Standing {
    return { boot: this.#log.boots.length, phase: this.#log.phase };
  }

  #heard(last: number): void {
    const phase = this.#log.phase;
    const silent = performance.now() - Math.max(last, this.#phaseBegan);
    this.#silences[phase] = Math.max(this.#silences[phase] ?? 0, silent);
  }

  #found(hit: Hit): void {
    if (hit.signature.quiet === undefined) return this.#told.hit(hit);
    this.#told.asked(hit);
    this.#questions.ask(hit);
  }

  #stands(hit: Hit): void {
    if (hit.signature.on === "screen" && this.#look()?.signature !== hit.signature) return;
    // It counts where the machine stands now.
    this.#told.hit(hitOf(hit.signature, this.#standing(), hit));
  }

  #lookLater(): void {
    if (this.#screenTimer !== undefined || !this.#screens.isWorthLooking(this.#log.phase)) return;
    const look = () => {
      this.#screenTimer = undefined;
      if (this.#console.silentMs < drawnMs) return this.#lookLater();
      const hit = this.#look();
      if (hit) this.#questions.ask(hit);
    };
    this.#screenTimer = setTimeout(look, drawnMs).unref();
  }

  #look(): Hit | undefined {
    const position = { offset: this.#console.length, byte: this.#console.lineByte };
    return lookAtScreen(this.#screens, this.#console.screen(), this.#standing(), position);
  }
}
