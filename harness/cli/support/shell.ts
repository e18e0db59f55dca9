import { buffer } from "node:stream/consumers";
import type { Attached } from "../../machine/attach/attached.ts";
import type { MachineFacts } from "../../machine/attach/attachment.ts";
import { meetMachines } from "../../machine/attach/find.ts";
import { InputError } from "../../model/errors.ts";
import type { Way } from "../../model/shell.ts";
import type { ShellFlags } from "../shell.ts";
import { bootView } from "./boot-view.ts";
import { openGuest, requestOf, type Guest } from "./guest.ts";
import { interruptSignal } from "./interrupt.ts";
import { prompt, type PromptResult, type RunCommand } from "./prompt.ts";
import { serialSession, sshSession } from "./sessions.ts";
import { atTerminal } from "./terminal.ts";

/** Scripts of people have no deadline: setTimeout's largest. */
const forEver = 2 ** 31 - 1;

/** Gets a person, or a script, into a machine; returns the exit code. Throws what `openGuest` and the machine's boot throw. */
export async function shell(image: string, flags: ShellFlags): Promise<number> {
  const signal = interruptSignal();
  const running = await metByName(image);
  if (running) {
    try {
      return await inRunning(running, flags, signal);
    } finally {
      running[Symbol.dispose]();
    }
  }
  return await inNew(image, flags, signal);
}

async function metByName(name: string): Promise<Attached | undefined> {
  const all = await meetMachines();
  const found = all.find(({ facts }) => facts.name === name);
  for (const one of all) if (one !== found) one[Symbol.dispose]();
  return found;
}

async function inRunning(machine: Attached, flags: ShellFlags, signal: AbortSignal): Promise<number> {
  const { facts } = machine;
  // A visit for commands takes no part in a pause.
  machine.detach();
  const run =
    (way: Way | undefined): RunCommand =>
    (command) =>
      machine.run(command, way);
  const script = await scriptOf(flags);
  if (script !== undefined || flags.via !== "serial") offered(facts, flags.via);
  if (script !== undefined) return await printed(run(flags.via)(script));
  const gone = machine.gone.then(() => `${facts.name} is gone.`);
  const way = flags.via ?? (facts.ssh ? "ssh" : facts.ways.includes("channel") ? "channel" : "serial");
  if (way === "ssh") return await sshSession(facts.ssh, facts.name, gone, signal);
  if (way === "channel") return await prompt(run("channel"), { label: facts.name, ...streams, signal });
  return await serialSession({ serial: machine, resize: (columns, rows) => machine.resize(columns, rows), ended: gone, signal });
}

async function inNew(image: string, flags: ShellFlags, signal: AbortSignal): Promise<number> {
  const script = await scriptOf(flags);
  const view = bootView(process.stderr, process.stderr.isTTY);
  let off: ((words: string) => void) | undefined;
  const switchedOff = new Promise<string>((resolve) => (off = resolve));
  const serialAtOnce = script === undefined && (flags.via ?? "serial") === "serial";
  // Whoever pipes wants the output, and nothing else; the serial console shows the boot itself.
  const quiet = !process.stderr.isTTY;
  const guest = await openGuest(requestOf(image, flags, "shell"), {
    signal,
    progress: (line) => view.note(line),
    onEvent: (event) => {
      if (!quiet && !serialAtOnce) view.event(event);
      if (event.type === "phase" && event.phase === "off") off?.("The machine is off.");
    },
  });
  try {
    if (serialAtOnce) {
      view.close();
      return await atSerial(guest, switchedOff, signal);
    }
    offered(await guest.attachment.facts(), flags.via);
    await guest.machine.boot("ready", { signal });
    view.close();
    await guest.settled();
    const run: RunCommand = async (command) =>
      inBytes(await (await guest.machine.shell(flags.via)).run(command, { timeoutMs: forEver, signal }));
    if (script !== undefined) return await printed(run(script));
    if (flags.via === "channel") return await prompt(run, { label: guest.machine.image.name, ...streams, signal });
    return await sshSession((await guest.attachment.facts()).ssh, guest.machine.image.name, switchedOff, signal);
  } finally {
    view.close();
    await guest[Symbol.asyncDispose]();
  }
}

/** The boot goes on behind the console; whoever sits there sees for himself, so a failure only is said. */
async function atSerial(
  { machine, attachment, settled, title }: Guest,
  switchedOff: Promise<string>,
  signal: AbortSignal,
): Promise<number> {
  console.log(title);
  // From the power switch on: before it, nobody can be told the terminal's size.
  await machine.boot("firmware", { signal });
  let tell: ((text: string) => void) | undefined;
  machine
    .boot("ready", { signal })
    .catch((error: unknown) => tell?.(`osbench: ${(error as Error).message}`))
    .finally(() => void settled());
  const { serial } = attachment;
  const resize = (columns: number, rows: number) => attachment.resize(columns, rows);
  const onNews = (teller: (text: string) => void) => (tell = teller);
  const code = await serialSession({ serial, resize, ended: switchedOff, onNews, signal });
  tell = undefined;
  return code;
}

/** The serial console is there for everybody who looks at it; a shell behind it only for who can log in. */
function offered({ image, ways }: MachineFacts, via: Way | undefined): void {
  if (via === undefined ? ways.length > 0 : ways.includes(via)) return;
  const what = via === undefined ? `${image} offers no shell` : `${image} offers no shell by way of ${via}`;
  const remedy =
    ways.length > 0
      ? `It offers ${ways.join(", ")}.`
      : "Without --via, a terminal gets its serial console; docs/adding-an-image.md says how an image offers more.";
  throw new InputError([{ at: { flag: "--via" }, what, remedy }]);
}

const streams = { input: process.stdin, output: process.stdout };

/** What is to be run instead of sitting down; undefined at a terminal. */
async function scriptOf({ command }: ShellFlags): Promise<string | undefined> {
  if (command !== undefined) return command;
  return atTerminal() ? undefined : (await buffer(process.stdin)).toString();
}

function inBytes({ code, stdoutBytes, stderr }: { code: number; stdoutBytes: Uint8Array; stderr: string }): PromptResult {
  return { code, stdout: stdoutBytes, stderr: Buffer.from(stderr) };
}

async function printed(running: Promise<PromptResult>): Promise<number> {
  const { code, stdout, stderr } = await running;
  // Whoever reads no further has seen enough; the exit code still counts.
  process.stdout.on("error", () => {});
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  return code;
}
