import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Hit } from "../diagnosis/matcher.ts";
import { Questions } from "./questions.ts";
import { hit } from "./testdata/watched.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function conversation() {
  const told: string[] = [];
  const now = { lastOutput: performance.now(), typed: 0 };
  const questions = new Questions({ lastOutput: () => now.lastOutput, typed: () => now.typed }, ({ signature }: Hit) =>
    told.push(signature.id),
  );
  const say = (line?: string) => {
    now.lastOutput = performance.now();
    if (line !== undefined) questions.said(line);
  };
  return { told, now, questions, say };
}

const after = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);

test("a question nobody answers counts when it has stood for its time", () => {
  const { told, questions } = conversation();
  questions.ask(hit("passphrase-prompt"));
  after(9.9);
  expect(told).toEqual([]);
  after(0.2);
  expect(told).toEqual(["passphrase-prompt"]);
  after(100);
  expect(told).toHaveLength(1);
});

test("what is typed answers it", () => {
  const { told, now, questions } = conversation();
  questions.ask(hit("first-boot-wizard"));
  now.typed = 1;
  after(60);
  expect(told).toEqual([]);
});

test("the kernel's talk only puts it off; another line means that somebody has answered", () => {
  const one = conversation();
  one.questions.ask(hit("passphrase-prompt"));
  after(6);
  one.say("[   14.2] random: crng init done");
  after(6);
  expect(one.told).toEqual([]);
  after(5);
  expect(one.told).toEqual(["passphrase-prompt"]);

  const other = conversation();
  other.questions.ask(hit("passphrase-prompt"));
  other.say("[  OK  ] Finished systemd-cryptsetup@root.service");
  after(60);
  expect(other.told).toEqual([]);
});

test("what only a person can answer insists", () => {
  const { told, questions, say } = conversation();
  questions.ask(hit("first-boot-wizard"));
  say("[  OK  ] Started something.service");
  after(1);
  expect(told).toEqual(["first-boot-wizard"]);
});

test("a countdown that is drawn again and again is no question that stands", () => {
  const { told, questions, say } = conversation();
  questions.ask(hit("grub-menu"));
  for (let second = 0; second < 60; second++) {
    after(1);
    say();
    questions.ask(hit("grub-menu"));
  }
  expect(told).toEqual([]);
  after(13);
  expect(told).toEqual(["grub-menu"]);
});

test("a boot that goes on drops it", () => {
  const { told, questions } = conversation();
  questions.ask(hit("grub-prompt"));
  questions.drop();
  after(60);
  expect(told).toEqual([]);
});
