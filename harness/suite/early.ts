import type { WorkerContext } from "../model/context.ts";
import type { Machine } from "../machine/machine.ts";
import type { OpenWish } from "./cell.ts";
import type { Start } from "./start.ts";

/** What a test will ask for, known before its file has been read. Plain data: crosses process borders. */
export interface EarlyRequest {
  readonly context: WorkerContext;
  /** What the machine's evidence folder is named after. */
  readonly words: readonly string[];
  readonly start: Start;
  readonly wish: OpenWish;
  /** The first thing done with it is to switch it on. */
  readonly on: boolean;
}

type Open = (context: WorkerContext, words: readonly string[], signal: AbortSignal, start: Start, wish: OpenWish) => Promise<Machine>;

interface Early {
  readonly key: string;
  readonly life: AbortController;
  readonly machine: Promise<Machine>;
}

let early: Early | undefined;

/**
 * Opens the machine the first test of this process will ask for, and switches it on: it starts while vitest and the test's file are still being read.
 * Resolves when that is done or has failed, and never rejects: the test hears of a failure when it asks.
 */
export async function openEarly(request: EarlyRequest, open: Open): Promise<void> {
  const life = new AbortController();
  const { context, words, start, wish } = request;
  const machine = open(context, words, life.signal, start, wish);
  early = { key: keyOf(context, words, start, wish), life, machine };
  try {
    const opened = await machine;
    // What keeps it from starting is met again by the step that switches it on.
    if (request.on) await opened.switchOn();
  } catch {
    // See above.
  }
}

/** The machine that was opened early, if it is what is asked for; `signal` ends its waits from now on. One that is not is disposed of. */
export async function takeEarly(
  context: WorkerContext,
  words: readonly string[],
  signal: AbortSignal,
  start: Start,
  wish: OpenWish,
): Promise<Machine | undefined> {
  if (early?.key !== keyOf(context, words, start, wish)) {
    await dropEarly();
    return undefined;
  }
  const { life, machine } = early;
  early = undefined;
  const end = () => life.abort(signal.reason);
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  return await machine;
}

/** Disposes of a machine that was opened early and that nobody asked for. */
export async function dropEarly(): Promise<void> {
  const unwanted = early;
  early = undefined;
  unwanted?.life.abort(new Error("nobody asked for this machine"));
  await (await unwanted?.machine.catch(() => undefined))?.[Symbol.asyncDispose]();
}

function keyOf(
  context: WorkerContext,
  words: readonly string[],
  start: Start,
  { savable = false, clock = "saved", why = "" }: OpenWish,
): string {
  return JSON.stringify([context, words, start, savable, clock, why]);
}
