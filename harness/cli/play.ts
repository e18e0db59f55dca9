import { InvalidArgumentError, Option, type Command } from "commander";
import { interruptSignal } from "./support/interrupt.ts";
import { Passthrough } from "./support/passthrough.ts";
import type { Recording } from "./support/recording.ts";

interface PlayFlags {
  readonly speed: number;
  readonly idleLimit: number;
  readonly until?: string;
  readonly list?: boolean;
  readonly text?: boolean;
}

const help = `
RECORDING is an evidence folder of a run, a folder kept by \`osbench boot --out\`, or a file: console.cast, an asciicast that asciinema and the
matrix page play too, or console.raw, the exact bytes, which is played in the time of the console.cast beside it.

Keys: space pauses and goes on, . steps, right and left arrow jump to the next and the last phase of a boot, + and - change the speed, q quits.

Examples:
  $ osbench play out/<run>/evidence/<cell>                  as it happened, silences shortened to 2 s
  $ osbench play boot-1 --speed 4 --idle-limit 0.5
  $ osbench play boot-1 --list                              when which phase began
  $ osbench play boot-1 --text --until 'boot 1: userspace'  what it said until then, with times`;

/** Adds `osbench play`. */
export function register(program: Command): void {
  program
    .command("play")
    .description("replay the recording of a machine's console, or print it with times")
    .argument("<recording>", "evidence folder, or its console.cast or console.raw")
    .addOption(new Option("--speed <factor>", "times as fast as recorded").argParser(positive).default(1))
    .addOption(
      new Option("--idle-limit <seconds>", "wait no longer than this while nothing is said; 0: as recorded").argParser(seconds).default(2),
    )
    .option("--until <marker>", "only up to this marker (a part of its text does), or this many seconds")
    .addOption(new Option("--list", "print the markers and when they were set").conflicts("text"))
    .option("--text", "print every line as plain text with the time it began")
    .addHelpText("after", help)
    .action(play);
}

async function play(path: string, flags: PlayFlags): Promise<void> {
  const [{ readRecording }, { upTo, textOf, markersOf, offset }] = await Promise.all([
    import("./support/recording.ts"),
    import("./support/recorded-text.ts"),
  ]);
  const recording = upTo(await readRecording(path), flags.until);
  for (const damage of recording.damage) console.error(`warning: ${damage}`);
  if (flags.list) return await print(markersOf(recording).map(({ at, text }) => `${offset(at)}  ${text}`));
  if (flags.text) return await print(textOf(recording));
  await show(recording, flags);
}

async function show(recording: Recording, { speed, idleLimit }: PlayFlags): Promise<void> {
  const [{ Player }, { atTerminal, openTerminal }] = await Promise.all([import("./support/player.ts"), import("./support/terminal.ts")]);
  const { stdout } = process;
  const terminal = atTerminal() ? openTerminal() : undefined;
  const signal = interruptSignal();
  // Questions to a terminal are left out wherever there is one: its answers would be typed into the person's shell.
  const through = stdout.isTTY ? new Passthrough() : undefined;
  const write = (text: string) => stdout.write(through?.feed(Buffer.from(text)) ?? text);
  try {
    if (terminal && (terminal.columns < recording.columns || terminal.rows < recording.rows))
      terminal.say(`(recorded at ${recording.columns} x ${recording.rows}, this terminal has ${terminal.columns} x ${terminal.rows})`);
    const player = new Player(recording.events, {
      speed,
      idleLimit: idleLimit === 0 ? Infinity : idleLimit,
      signal,
      show: (text, anew) => (terminal ? terminal.show(Buffer.from(text), anew) : write(text)),
      status: (event, paused) =>
        terminal?.title(`${paused ? "paused " : ""}${event ? `${event.at.toFixed(1)} s ${event.kind === "m" ? event.text : ""}` : ""}`),
    });
    terminal?.onTyped((bytes) => {
      for (const [typed] of bytes.toString().matchAll(oneKey)) if (typed in keys) player.press(keys[typed] as string);
    });
    stdout.on("error", () => player.press("q"));
    await player.play();
  } finally {
    terminal?.[Symbol.dispose]();
    stdout.write("\n");
  }
}

const oneKey = new RegExp(String.raw`\x1b[\[O][A-Z]|[^]`, "g");

/** What terminals send; arrows in either cursor key mode. */
const keys: Readonly<Record<string, string>> = {
  ...Object.fromEntries([" ", ".", "+", "-", "q"].map((key) => [key, key])),
  "=": "+",
  "\u0003": "q",
  "\x1b[C": "right",
  "\x1bOC": "right",
  "\x1b[D": "left",
  "\x1bOD": "left",
};

/** Prints lines as fast as their reader takes them; one that goes away in between has seen enough. */
async function print(lines: Iterable<string>): Promise<void> {
  const { pipeline } = await import("node:stream/promises");
  const { Readable } = await import("node:stream");
  const ended = function* () {
    for (const line of lines) yield `${line}\n`;
  };
  await pipeline(Readable.from(ended()), process.stdout, { end: false }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

function positive(value: string): number {
  const number = Number(value);
  if (!(number > 0) || number === Infinity) throw new InvalidArgumentError("Give a number above 0, e.g. 2 or 0.5.");
  return number;
}

function seconds(value: string): number {
  const number = Number(value);
  if (value.trim() === "" || !(number >= 0) || number === Infinity) throw new InvalidArgumentError("Give seconds, 0 or more, e.g. 0.5.");
  return number;
}
