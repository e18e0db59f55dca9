import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { temporaryFolder } from "../model/testdata/temporary.ts";
import { Console } from "./console.ts";

function open() {
  const console = new Console(temporaryFolder(), "a line");
  const line = new PassThrough();
  console.attach(line);
  return { console, line };
}

test("work that waits for what was heard finds all of it in the text, and nothing that comes later", async () => {
  const { console, line } = open();
  const before = `${"x".repeat(200_000)}\nreboot: machine restart\n`;
  line.write(before);
  const seen = new Promise<string>((resolve) => console.afterOutput(() => resolve(console.text())));
  line.write("BdsDxe: starting\n");
  expect(console.text()).not.toContain("restart");
  expect(await seen).toBe(before);
});

test("work that cannot wait is done at once, and only once", async () => {
  const { console, line } = open();
  line.write("some words\n");
  let done = 0;
  const now = console.afterOutput(() => done++);
  expect(done).toBe(0);
  now();
  await new Promise<void>((resolve) => console.afterOutput(resolve));
  expect(done).toBe(1);
});
