import type { RecordedEvent } from "./recording.ts";

export interface PlayerOptions {
  /** Times as fast as recorded. */
  readonly speed: number;
  /** Longest silence that is waited for, in recorded seconds. */
  readonly idleLimit: number;
  readonly signal: AbortSignal;
  /** Shows output; `anew` on a blank screen. */
  readonly show: (text: string, anew: boolean) => void;
  /** Says where it is, and whether it stands still. */
  readonly status: (event: RecordedEvent | undefined, paused: boolean) => void;
}

/** Plays a recording's events in their own time; keys pause it and jump in it. */
export class Player {
  readonly #events: readonly RecordedEvent[];
  readonly #options: PlayerOptions;
  readonly #keys: string[] = [];
  #wake: (() => void) | undefined;
  #next = 0;
  #paused = false;
  #speed: number;
  /** When the next event is due, by performance.now(). */
  #due = 0;

  constructor(events: readonly RecordedEvent[], options: PlayerOptions) {
    this.#events = events;
    this.#options = options;
    this.#speed = options.speed;
    options.signal.addEventListener("abort", () => this.press("q"), { once: true });
  }

  press(key: string): void {
    this.#keys.push(key);
    this.#wake?.();
  }

  /** Resolves at the end of the recording, or at `q`. */
  async play(): Promise<void> {
    this.#due = performance.now() + this.#pauseBefore(0);
    while (this.#next < this.#events.length) {
      const key = this.#keys.shift();
      if (key === "q") return;
      if (key !== undefined) this.#obey(key);
      else if (this.#paused) await this.#sleep(undefined);
      else if (this.#due > performance.now()) await this.#sleep(this.#due - performance.now());
      else this.#step();
    }
  }

  #obey(key: string): void {
    if (key === " ") this.#pause(!this.#paused);
    else if (key === ".") {
      this.#pause(true);
      this.#stepToOutput();
    } else if (key === "right") this.#jump(this.#events.findIndex(({ kind }, index) => kind === "m" && index >= this.#next));
    else if (key === "left") this.#jump(this.#markerBefore());
    else if (key === "+" || key === "-") {
      const factor = key === "+" ? 2 : 0.5;
      this.#speed *= factor;
      this.#due = performance.now() + (this.#due - performance.now()) / factor;
    }
  }

  #pause(paused: boolean): void {
    this.#paused = paused;
    this.#due = performance.now();
    this.#options.status(this.#events[this.#next - 1], paused);
  }

  #step(): void {
    const event = this.#events[this.#next++] as RecordedEvent;
    if (event.kind === "o") this.#options.show(event.text, false);
    if (event.kind === "m") this.#options.status(event, this.#paused);
    this.#due += this.#pauseBefore(this.#next);
  }

  #stepToOutput(): void {
    while (this.#next < this.#events.length) {
      const shown = this.#events[this.#next]?.kind === "o";
      this.#step();
      if (shown) return;
    }
  }

  /** Shows everything up to a marker at once. */
  #jump(marker: number): void {
    if (marker < 0) return;
    const back = marker < this.#next;
    const said = this.#events.slice(back ? 0 : this.#next, marker).filter(({ kind }) => kind === "o");
    this.#options.show(said.map(({ text }) => text).join(""), back);
    this.#next = marker;
    this.#due = performance.now();
    this.#step();
  }

  /** The marker before the last one passed: the last itself is only a moment ago when somebody goes back twice. */
  #markerBefore(): number {
    const passed = this.#events.slice(0, this.#next).flatMap(({ kind }, index) => (kind === "m" ? [index] : []));
    return passed.at(-2) ?? passed.at(-1) ?? -1;
  }

  #pauseBefore(index: number): number {
    const event = this.#events[index];
    const seconds = event ? event.at - (this.#events[index - 1]?.at ?? 0) : 0;
    return (Math.min(seconds, this.#options.idleLimit) * 1000) / this.#speed;
  }

  async #sleep(ms: number | undefined): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (ms !== undefined) timer = setTimeout(resolve, Math.min(Math.max(ms, 0), 2 ** 31 - 1));
    });
    this.#wake = undefined;
    clearTimeout(timer);
  }
}
