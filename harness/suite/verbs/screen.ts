import { z } from "zod";
import { architectureFacts } from "../../model/architecture.ts";
import { ClaimFailed, OsbenchError } from "../../model/errors.ts";
import { duration, formatDuration } from "../duration.ts";
import { whenSound } from "../refine.ts";
import { claimText, regularExpression } from "../text-claim.ts";
import { defineVerb, type VerbContext } from "../verb.ts";

const defaultTimeoutMs = 60_000;
/** A line that says nothing back to a key, as where a password is typed, is given this long for each. */
const echoMs = 1000;

/** What keys send on a terminal like the one a guest is told it has. Source: ECMA-48, xterm's ctlseqs. */
const keys = {
  enter: "\r",
  tab: "\t",
  space: " ",
  escape: "\u001b",
  backspace: "\u007f",
  up: "\u001b[A",
  down: "\u001b[B",
  right: "\u001b[C",
  left: "\u001b[D",
  home: "\u001b[H",
  end: "\u001b[F",
} as const;

const key = z
  .union([z.enum(Object.keys(keys) as [keyof typeof keys, ...(keyof typeof keys)[]]), z.string().regex(/^(?:ctrl-[a-z]|.)$/, "is no key")])
  .describe("A key: its name, one character, or ctrl-x");

/** What is on the screen of a terminal at the serial line, for guests that draw menus and forms there. */
export const screen = defineVerb({
  name: "screen",
  summary: "Presses keys at the terminal on the serial line, then waits until its screen shows something.",
  schema: z
    .strictObject({
      press: z.array(key).min(1).optional().describe("Keys pressed first, one after the other"),
      type: z
        .string()
        .min(1)
        .optional()
        .describe("Text typed after that; here and in `shows`, `{console}` stands for the serial line as the machine's kernel calls it"),
      shows: z.string().min(1).optional().describe("Text that must come to stand on the screen, in one line"),
      matches: regularExpression.optional().describe("Like `shows`, as a JavaScript regular expression, `^` and `$` at every line"),
      lacks: z.string().min(1).optional().describe("Text that must not stand on it then"),
      timeout: duration.optional(),
    })
    .refine(
      (args) => Object.keys(args).some((name) => name !== "timeout"),
      whenSound("needs `press`, `type`, `shows`, `matches` or `lacks`"),
    ),
  needs: "any",
  async run(context, { press = [], type = "", shows, matches, lacks, timeout = defaultTimeoutMs }) {
    const named = (text: string) => text.replaceAll("{console}", architectureFacts[context.machine.target.arch].serial);
    for (const one of [...press.map(bytesOf), ...named(type)]) await pressKey(context, one);
    const wanted = [...(shows === undefined ? [] : [escaped(named(shows))]), ...(matches === undefined ? [] : [new RegExp(matches, "m")])];
    if (wanted.length > 0) await awaitScreen(context, wanted, timeout);
    if (lacks !== undefined) claimText("the screen", context.machine.console.screen(), { lacks });
  },
});

function bytesOf(name: string): string {
  const control = /^ctrl-([a-z])$/.exec(name)?.[1];
  if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) - 96);
  return keys[name as keyof typeof keys] ?? name;
}

function escaped(text: string): RegExp {
  return new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
}

/** The next key only when something was said to this one: a serial line without flow control loses what comes too fast. */
async function pressKey({ machine, signal }: VerbContext, bytes: string): Promise<void> {
  const from = machine.console.mark();
  await machine.console.type(bytes);
  await machine.console.expect(/[^]/, { from, signal, timeoutMs: echoMs }).catch(ignoreSilence);
}

/** Looks at the screen whenever the line has said something. Throws ClaimFailed with what stood there last. */
async function awaitScreen({ machine, signal }: VerbContext, wanted: readonly RegExp[], timeoutMs: number): Promise<void> {
  const { console } = machine;
  const end = performance.now() + timeoutMs;
  for (;;) {
    const from = console.mark();
    const missing = wanted.find((pattern) => !pattern.test(console.screen()));
    if (!missing) return;
    const left = end - performance.now();
    if (left <= 0) {
      throw new ClaimFailed("OSB_SCREEN", `the screen did not show ${missing} within ${formatDuration(timeoutMs)}`, {
        evidence: { "last screen": console.screen() },
      });
    }
    await console.expect(/[^]/, { from, signal, timeoutMs: left }).catch(ignoreSilence);
  }
}

function ignoreSilence(error: unknown): void {
  if (!(error instanceof OsbenchError) || error.code !== "OSB_CONSOLE") throw error;
}
