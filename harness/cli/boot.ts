import { Option, type Command } from "commander";
import { HarnessError, InputError, OsbenchError } from "../model/errors.ts";
import { sshCommand, type MachineFacts } from "../machine/attach/attachment.ts";
import { phases, type Phase } from "../model/phase.ts";
import { diskOptions } from "./support/disk.ts";
import type { GuestFlags } from "./support/guest.ts";
import { interruptSignal } from "./support/interrupt.ts";
import { setOption, signaturesOption, targetOption, toolsOption } from "./support/options.ts";
import type { Guest } from "./support/guest.ts";

interface BootFlags extends GuestFlags {
  readonly until?: Phase;
  readonly json?: boolean;
  readonly console?: boolean;
  readonly live: boolean;
}

const stations = phases.slice(phases.indexOf("firmware"), phases.indexOf("ready") + 1);

const help = `
Shows each phase of the boot as it goes: how long it takes, how long it usually takes here, what known signs the console bears.
Then the machine stays until q, Ctrl-C or its own power-off, and leaves nothing behind. What you change in it is lost with it: the image is
never written.

Examples:
  $ osbench boot tiny                          stays; says how to get in
  $ osbench boot ./my-disk.raw --console       with everything its serial line says
  $ osbench boot debian-ab --until userspace   ends there
  $ osbench boot tiny --set disk.bus=nvme      in a machine that differs from the target in that
  $ osbench boot tiny --until ready --json     phases and durations for a program
  $ osbench boot tiny --out boot-1             keeps the recording: osbench play boot-1

Exit codes: 0 it came up, 1 it did not: the diagnosis says why, 2 wrong input, 3 osbench or this host failed, 130 interrupted on its way up.`;

/** Adds `osbench boot`. */
export function register(program: Command): void {
  const command = program
    .command("boot")
    .description("boot an image for you to look at: shows its phases, says how to get in, stays until you end it")
    .argument("<image>", "name of an image below images/, or path of an image.yaml, its folder or a disk")
    .addOption(targetOption())
    .addOption(setOption())
    .addOption(new Option("-u, --until <phase>", "end the machine once it has got there").choices(stations))
    .option("-o, --out <folder>", "keep what the machine leaves, its console's recording above all, in a new folder")
    .addOption(signaturesOption())
    .addOption(toolsOption())
    .option("--console", "print what the serial line says on standard output; phases go to standard error")
    .option("--json", "print one JSON object with phases and durations on standard output; the rest goes to standard error")
    .option("--no-live", "plain lines instead of the live view, also on a terminal");
  for (const option of diskOptions()) command.addOption(option.helpGroup("A disk given by its path; an image.yaml says these itself:"));
  command.addHelpText("after", help).action(boot);
}

async function boot(image: string, flags: BootFlags): Promise<void> {
  if (flags.json && flags.console) {
    const remedy = "Give one of them; --out keeps the console's recording in either case.";
    throw new InputError([{ at: { flag: "--console" }, what: "standard output cannot hold both the console and --json", remedy }]);
  }
  const [{ openGuest, requestOf }, { bootView }, { printConsole }] = await Promise.all([
    import("./support/guest.ts"),
    import("./support/boot-view.ts"),
    import("./support/print-console.ts"),
  ]);
  const signal = interruptSignal();
  const stream = flags.json || flags.console ? process.stderr : process.stdout;
  const view = bootView(stream, flags.live && stream.isTTY && !flags.console);
  let off = () => {};
  const switchedOff = new Promise<void>((resolve) => (off = resolve));
  let guest: Guest | undefined;
  try {
    guest = await openGuest(requestOf(image, flags, "boot"), {
      signal,
      progress: (line) => view.note(line),
      onEvent: (event) => {
        view.event(event);
        if (event.type === "phase" && event.phase === "off") off();
      },
    });
    stream.write(`${guest.title}\n`);
    const stopKeys = listenForQuit();
    try {
      if (flags.console) printConsole(guest.attachment.serial, process.stdout, () => process.kill(process.pid, "SIGTERM"));
      const until = flags.until ?? "ready";
      const { totalMs } = await guest.machine.boot(until, { signal }).catch((error: unknown) => {
        if (flags.json && !signal.aborted) printJson(guest as Guest, undefined, error);
        throw error;
      });
      await guest.settled();
      const facts = await guest.attachment.facts();
      if (flags.json) printJson(guest, flags.until === undefined ? facts : undefined);
      view.note(`${until} after ${(totalMs / 1000).toFixed(1)} s`);
      if (flags.until !== undefined) return;
      stream.write(waysIn(facts));
      await Promise.race([switchedOff, aborted(signal)]);
      const { off: why } = await guest.attachment.facts();
      if (why && !signal.aborted) view.note(why.reason);
      if (why?.by === "broken") throw new HarnessError("OSB_QEMU_DIED", why.reason);
    } finally {
      stopKeys();
    }
  } finally {
    view.close();
    await guest?.[Symbol.asyncDispose]();
  }
}

function waysIn({ name, ssh, ways, pid }: MachineFacts): string {
  return [
    `  console  osbench attach ${name}`,
    ...(ways.length > 0 ? [`  shell    osbench shell ${name}`] : []),
    ...(ssh === undefined ? [] : [`  ssh      ${sshCommand(ssh)}`]),
    process.stdin.isTTY ? "q or Ctrl-C ends it." : `Ctrl-C, or \`kill ${pid}\`, ends it.`,
    "",
  ].join("\n");
}

/** Makes q and Ctrl-C end the boot, without Enter, where keys come from a terminal. */
function listenForQuit(): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => {};
  const typed = (keys: Buffer) => {
    // As if the terminal had sent it: a second one ends the process at once.
    if (["q", "Q", "\u0003"].some((key) => keys.includes(key))) process.kill(process.pid, "SIGINT");
  };
  const restore = () => void stdin.setRawMode(false);
  stdin.setRawMode(true).on("data", typed).resume();
  process.once("exit", restore);
  return () => {
    stdin.off("data", typed).pause();
    process.off("exit", restore);
    restore();
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true })));
}

function printJson({ machine, title }: Guest, facts: MachineFacts | undefined, failure?: unknown): void {
  const known = failure instanceof OsbenchError ? { code: failure.code, hint: failure.hint, evidence: failure.evidence } : {};
  const document = {
    image: machine.image.name,
    target: machine.target.target,
    title,
    phase: machine.phase,
    boots: machine.use().boots,
    ...(facts && { machine: facts }),
    ...(failure !== undefined && { failure: { message: failure instanceof Error ? failure.message : String(failure), ...known } }),
  };
  process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
}
