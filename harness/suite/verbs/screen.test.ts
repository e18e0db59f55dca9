import { Duplex } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { Console } from "../../console/console.ts";
import { GuestConsole } from "../../machine/guest-console.ts";
import type { Machine } from "../../machine/machine.ts";
import { temporaryFolder } from "../../model/testdata/temporary.ts";
import type { VerbContext } from "../verb.ts";
import { screen } from "./screen.ts";

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

/** A guest that answers each key by what it draws; a real terminal shows it. */
function guest(answer: (key: string) => string): { context: VerbContext; typed: string[]; say: (text: string) => void } {
  const typed: string[] = [];
  const line = new Duplex({
    read() {},
    write(bytes: Buffer, _encoding, done) {
      typed.push(bytes.toString());
      line.push(answer(bytes.toString()));
      done();
    },
  });
  const terminal = new Console(temporaryFolder(), "a guest");
  terminal.attach(line);
  closing.push(() => terminal.close());
  const { signal } = new AbortController();
  const console = new GuestConsole(terminal, signal, () => signal);
  const machine = { console, target: { arch: "aarch64" } } as unknown as Machine;
  return { context: { machine, signal } as unknown as VerbContext, typed, say: (text) => line.push(text) };
}

const run = async (context: VerbContext, args: object): Promise<void> => await screen.run(context, screen.schema.parse(args));

test("waits until the screen shows something, however it was drawn", async () => {
  const { context, say } = guest(() => "");
  const waiting = run(context, { shows: "Select a language", matches: "^ +English", lacks: "Install" });
  say("\u001b[2J\u001b[1;1HInstall");
  say("\u001b[2J\u001b[5;3Hlanguage\u001b[5;1HSel");
  // Drawn out of order, over what stood there: no stream of text says it, the screen does.
  say("\u001b[5;1HSelect a language\u001b[6;4HEnglish");
  await expect(waiting).resolves.toBeUndefined();
});

test("what scrolled by or was wiped away is not on the screen: that fails, with the screen, and so does what should not be there", async () => {
  const { context, say } = guest(() => "");
  say("Select a language\r\n\u001b[2J\u001b[HKernel panic");
  const failure = run(context, { shows: "Select a language", timeout: "200ms" });
  await expect(failure).rejects.toMatchObject({ code: "OSB_SCREEN", fault: "image", evidence: { "last screen": "Kernel panic" } });
  await expect(run(context, { lacks: "panic" })).rejects.toMatchObject({ code: "OSB_TEXT", fault: "image" });
});

test("keys are pressed one after the other, each when the last was answered, and the serial line is named as its machine calls it", async () => {
  const { context, typed } = guest((key) => key);
  await run(context, { press: ["down", "ctrl-e", "x", "enter"], type: "console={console}" });
  expect(typed.join("")).toBe("\u001b[B\u0005x\rconsole=ttyAMA0");
  expect(typed.slice(0, 5)).toEqual(["\u001b[B", "\u0005", "x", "\r", "c"]);
});

test("what it is told is checked: a key there is not, an expression that is none, nothing at all", () => {
  for (const args of [{ press: ["entr"] }, { matches: "(" }, {}, { timeout: "1s" }])
    expect(screen.schema.safeParse(args).success).toBe(false);
});
