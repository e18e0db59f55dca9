import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lastWords } from "./last-words.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const quiet = { lastInput: -Infinity };

test("an expectation ends with what the boot died of, half a second later", () => {
  const life = new AbortController();
  const { signal } = lastWords(life.signal, quiet);
  life.abort(new Error("it died"));
  vi.advanceTimersByTime(499);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(signal.reason).toEqual(new Error("it died"));
});

test("one that begins when the boot is dead ends as soon, unless somebody talks with what is left", () => {
  const dead = AbortSignal.abort(new Error("it died"));
  const { signal } = lastWords(dead, quiet);
  const talking = lastWords(dead, { lastInput: performance.now() - 1000 });
  vi.advanceTimersByTime(10_000);
  expect(signal.aborted).toBe(true);
  expect(talking.signal.aborted).toBe(false);
});

test("one that was met is over", () => {
  const life = new AbortController();
  const words = lastWords(life.signal, quiet);
  words.clear();
  life.abort();
  vi.advanceTimersByTime(1000);
  expect(words.signal.aborted).toBe(false);
});
