import type { Command } from "commander";
import type { Attached } from "../machine/attach/attached.ts";
import type { MachineFacts } from "../machine/attach/attachment.ts";
import { InputError } from "../model/errors.ts";
import { interruptSignal } from "./support/interrupt.ts";

interface AttachFlags {
  readonly release?: boolean;
  readonly json?: boolean;
}

const help = `
A machine started by \`osbench boot\`, \`osbench shell\` or \`osbench run\` can be looked at from any terminal of the same user on the same host;
several may look at once, and everything is recorded as if nobody did. While a test runs on it nobody may type, for that would change the test's
outcome; \`osbench run --pause-on-failure\` keeps the machine of a test that failed, and then you may.
Where there is no terminal, the console is printed until the machine is gone.

Keys, each after Ctrl-]: q leaves (a paused test goes on), d leaves and a paused test stays so, Ctrl-] sends a Ctrl-] to the guest.

Examples:
  $ osbench attach                        lists the machines that run
  $ osbench attach tiny-4f2a              that machine's serial console
  $ osbench attach tiny                   the same while only one machine runs tiny
  $ osbench attach tiny | tee boot.log    what its console says, as text
  $ osbench attach tiny-4f2a --release    lets a paused test go on`;

/** Adds `osbench attach`. */
export function register(program: Command): void {
  program
    .command("attach")
    .description("list the machines that run on this host, or sit down at the serial console of one")
    .argument("[name]", "what the list calls it, or its image if only one machine runs that")
    .option("--release", "let the test go on that is paused on this machine, and nothing else")
    .option("--json", "list as JSON on standard output")
    .addHelpText("after", help)
    .action(attach);
}

async function attach(name: string | undefined, flags: AttachFlags): Promise<void> {
  const { meetMachine, meetMachines } = await import("../machine/attach/find.ts");
  if (name === undefined) {
    if (flags.release)
      throw new InputError([
        { at: { flag: "--release" }, what: "which machine?", remedy: "osbench attach NAME --release; `osbench attach` lists the names." },
      ]);
    const machines = await meetMachines();
    const facts = machines.map((one) => one.facts);
    for (const one of machines) one[Symbol.dispose]();
    console.log(flags.json ? JSON.stringify(facts, undefined, 2) : list(facts));
    return;
  }
  const machine = await meetMachine(name);
  try {
    if (flags.release) release(machine);
    else if (flags.json) console.log(JSON.stringify(machine.facts, undefined, 2));
    else await sitDown(machine);
  } finally {
    machine[Symbol.dispose]();
  }
}

function release(machine: Attached): void {
  const { name, paused } = machine.facts;
  if (paused === undefined)
    throw new InputError([{ at: { flag: "--release" }, what: `no test is paused on ${name}`, remedy: "There is nothing to release." }]);
  machine.release();
  console.log(`${name}: the run goes on`);
}

async function sitDown(machine: Attached): Promise<void> {
  const [{ atTerminal }, { printConsole }, { sshCommand }] = await Promise.all([
    import("./support/terminal.ts"),
    import("./support/print-console.ts"),
    import("../machine/attach/attachment.ts"),
  ]);
  const { name, paused, writable } = machine.facts;
  if (!atTerminal()) {
    // Whoever reads a log takes no part in a pause.
    machine.detach();
    const unread = new Promise<void>((resolve) => printConsole(machine, process.stdout, resolve));
    return await Promise.race([machine.gone, unread]);
  }
  const { consoleSession } = await import("./support/console-session.ts");
  console.log(
    `${name}: the serial console${writable ? "" : ", to look at: a test runs on it"}${paused === undefined ? "" : `; paused: ${paused}`}`,
  );
  if (machine.facts.ssh !== undefined) console.log(`ssh: ${sshCommand(machine.facts.ssh)}`);
  let pausedNow = paused;
  const key = await consoleSession({
    serial: machine,
    resize: (columns, rows) => machine.resize(columns, rows),
    leave: { q: "leaves (a paused test goes on)", d: "leaves (a paused test stays so)" },
    readOnly: () => (machine.facts.writable ? undefined : "a test runs on it"),
    ended: machine.gone.then(() => `${name} is gone.`),
    signal: interruptSignal(),
    onNews: (tell) =>
      machine.onFacts((facts) => {
        if (facts.paused !== undefined && pausedNow === undefined)
          tell(`The test is over: ${facts.paused}. The machine is yours until you leave.`);
        pausedNow = facts.paused;
      }),
  });
  if (key === "d") machine.detach();
}

function list(machines: readonly MachineFacts[]): string {
  if (machines.length === 0) return "no machine of yours runs on this host; `osbench boot IMAGE` starts one";
  const rows = machines.map(({ name, image, target, phase, started, cell, paused }) => [
    name,
    `${image} × ${target}`,
    phase,
    age(Date.now() - started),
    paused === undefined ? cell : `paused: ${paused}`,
  ]);
  const table = [["name", "machine", "phase", "since", "for"], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function age(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes === 0) return `${Math.round(ms / 1000)} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
